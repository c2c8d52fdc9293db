import { text } from 'node:stream/consumers';
import { bulkhead, BulkheadRejectedError, type BulkheadPolicy } from 'cockatiel';
import type { Action } from '../domain/catalog.js';
import { Fault } from '../domain/fault.js';
import type { GenerationContent } from '../domain/generation.js';
import type { Admit } from './admit.js';
import { awaitEnd } from './await-end.js';
import type { Core } from './core.js';
import type {
  CropRequest,
  EnhanceAnswer,
  EnhanceRequest,
  GenerateAnswer,
  UploadRequest,
} from './requests.js';
import { UPLOAD_TYPES } from './uploads.js';

/**
 * The actions with a field of their own (R4). They pass the same admission as every other: what they cost is the counting
 * rule's to say, and a rule that counts one of them needs no other code.
 */
export interface FreeActions {
  crop(account: string, request: CropRequest): Promise<GenerateAnswer>;
  enhance(account: string, request: EnhanceRequest): Promise<EnhanceAnswer>;
  /** Accepts a file that is to come; its generation stays open until it has. */
  upload(account: string, request: UploadRequest): Promise<GenerateAnswer>;
}

// Both take milliseconds here; a provider that replaces them gets this long before the caller has to follow it.
const AWAIT_MS = 10_000;

export function makeFreeActions(core: Core, admit: Admit): FreeActions {
  const inTurn = makeTurns();

  async function press(
    account: string,
    field: string,
    requestId: string,
    content: Partial<GenerationContent>,
  ): Promise<GenerateAnswer> {
    const action = actionOf(core, field);
    const request = {
      ...{ prompt: null, settings: null, inputs: [], outputCount: 1, parent: null },
      ...content,
      requestId,
      action: action.id,
    };
    return admit(account, action, request);
  }

  async function pressAndAwait(...pressing: Parameters<typeof press>): Promise<GenerateAnswer> {
    const [account] = pressing;
    return inTurn(account, async () => {
      const answer = await press(...pressing);
      if (answer.kind === 'exhausted') return answer;
      return { ...answer, generation: await awaitEnd(core, answer.generation, AWAIT_MS) };
    });
  }

  return {
    crop: (account, { requestId, input, ...settings }) =>
      pressAndAwait(account, 'cropImage', requestId, { settings, inputs: [input] }),

    async enhance(account, { requestId, prompt, settings }) {
      const content = { prompt, settings };
      const answer = await pressAndAwait(account, 'enhancePrompt', requestId, content);
      if (answer.kind === 'exhausted') return answer;
      const [output] = answer.generation.outputs;
      return { ...answer, prompt: output ? await readText(core, output.key) : null };
    },

    async upload(account, { requestId, contentType, bytes, sha256 }) {
      if (!UPLOAD_TYPES.includes(contentType)) {
        throw new Fault(
          'BAD_USER_INPUT',
          `contentType ${contentType} cannot be uploaded. Send one of: ${UPLOAD_TYPES.join(', ')}.`,
        );
      }
      const settings = { contentType, bytes, ...(sha256 !== null && { sha256 }) };
      return press(account, 'uploadReference', requestId, { settings });
    },
  };
}

// What costs nothing is not held back by a quota. Two at a time leave room on this machine for everybody else; 2,000 presses at
// once still all get their turn.
const AT_ONCE = 2;
const WAITING = 2_000;

/** A line for each account that has something under way. */
function makeTurns(): <T>(account: string, work: () => Promise<T>) => Promise<T> {
  const lanes = new Map<string, { policy: BulkheadPolicy; presses: number }>();
  return async (account, work) => {
    const lane = lanes.get(account) ?? { policy: bulkhead(AT_ONCE, WAITING), presses: 0 };
    lanes.set(account, lane);
    lane.presses += 1;
    try {
      return await lane.policy.execute(work);
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      throw new Fault('RATE_LIMITED', 'Too much of this is waiting. Try again in a moment.');
    } finally {
      lane.presses -= 1;
      // Not as soon as it looks idle: those who wait enter a moment after a place gets free.
      if (lane.presses === 0) lanes.delete(account);
    }
  };
}

function actionOf({ catalog }: Core, field: string): Action {
  const action = catalog.actions.find((one) => one.field === field);
  if (action) return action;
  throw new Fault(
    'BAD_USER_INPUT',
    `${field} is not offered here: the catalogue has no action for it.`,
  );
}

async function readText({ assets }: Core, key: string): Promise<string | null> {
  const opened = await assets.open(key);
  return opened && text(opened.stream);
}
