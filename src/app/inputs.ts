import { Fault } from '../domain/fault.js';
import { parseOutputId, type Generation, type Output } from '../domain/generation.js';
import type { SourceFacts } from '../provider.js';
import type { Core } from './core.js';

/** One input of a generation: what it is, and where it is kept. */
export interface Input extends SourceFacts {
  key: string;
}

/**
 * What `ids` name: outputs of the account's own generations, and items of workspaces it can read. Throws BAD_USER_INPUT that
 * names the first one which is neither; another account's answer exactly as those that do not exist.
 */
export async function findInputs(
  core: Core,
  account: string,
  ids: readonly string[],
): Promise<Input[]> {
  if (ids.length === 0) return [];
  const generationIds = ids.flatMap((id) => parseOutputId(id)?.generationId ?? []);
  const generations =
    generationIds.length > 0
      ? await core.history.findMany(account, [...new Set(generationIds)])
      : [];
  return Promise.all(
    ids.map(async (id) => {
      const input = outputNamed(generations, id) ?? (await itemNamed(core, account, id));
      if (input) return input;
      throw new Fault(
        'BAD_USER_INPUT',
        `inputs names ${id}, which is not one of your outputs. Send ids from Generation.outputs, or of items in a workspace you can read.`,
      );
    }),
  );
}

function outputNamed(generations: readonly Generation[], id: string): Input | null {
  const named = parseOutputId(id);
  const generation = generations.find((one) => one.id === named?.generationId);
  const output = named && generation?.outputs[named.index];
  return output ? inputOf(id, generation.kind, output) : null;
}

async function itemNamed(core: Core, account: string, id: string): Promise<Input | null> {
  if (!id.startsWith('item_')) return null;
  const found = await core.workspaces.item(account, id);
  return found && inputOf(id, found.item.kind, found.item);
}

function inputOf(id: string, kind: Input['kind'], output: Output): Input {
  const { key, contentType, bytes, sha256, width, height, durationMs } = output;
  return { id, kind, key, contentType, bytes, sha256, width, height, durationMs };
}
