import { makeApp, type GenerateAnswer, type GenerateRequest } from '../../src/app.js';
import type { Core } from '../../src/app/core.js';
import { systemClock } from '../../src/clock.js';
import { parseEnv } from '../../src/env.js';
import { compose } from '../../src/mode.js';
import type { Composed } from '../../src/mode/composition.js';
import type { Generation } from '../../src/domain/generation.js';
import type { Quota } from '../../src/domain/quota.js';
import { silentLog } from '../world/log.js';

/**
 * A real gateway process without a server: it is told what to generate over IPC. With KILL_AT it kills itself, as SIGKILL
 * would, at that very point. The points are wrapped around the ports here; the product knows nothing of them.
 */
export const KILL_POINTS = [
  'before take',
  'after take',
  'after open',
  'during dispatch',
  'before settle',
  'after settle',
  'after gate settle',
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

/** What the parent sends: a press of the button, or a look at all the account has. */
export interface Order {
  account: string;
  request: GenerateRequest | null;
}
export interface Reply {
  answer?: GenerateAnswer;
  seen?: { generations: Generation[]; quota: Quota };
  fault?: string;
}

function armed(composed: Composed, point: string | undefined): Core {
  const core = { ...composed, linkTo: (key: string) => `http://gateway.test/outputs/${key}` };
  const die = () => {
    process.kill(process.pid, 'SIGKILL');
    // The signal arrives within microseconds; nothing of this process may run on until then.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  const at = (here: KillPoint) => {
    if (point === here) die();
  };
  const sketch = core.providers.get('sketch');
  if (!sketch) throw new Error('no sketch');
  return {
    ...core,
    gate: {
      ...core.gate,
      async take(taking) {
        at('before take');
        const answer = await core.gate.take(taking);
        if (answer.kind === 'taken') at('after take');
        return answer;
      },
      async settle(hold, end) {
        const answer = await core.gate.settle(hold, end);
        at('after gate settle');
        return answer;
      },
    },
    ledger: {
      ...core.ledger,
      async open(opening) {
        const answer = await core.ledger.open(opening);
        at('after open');
        return answer;
      },
      async settle(settlement) {
        at('before settle');
        const result = await core.ledger.settle(settlement);
        at('after settle');
        return result;
      },
    },
    providers: new Map([
      [
        'sketch',
        {
          ...sketch,
          dispatch(job, signal) {
            at('during dispatch');
            return sketch.dispatch(job, signal);
          },
        },
      ],
    ]),
  };
}

if (process.send) {
  const composition = await compose(parseEnv(process.env), silentLog, systemClock);
  const app = makeApp(armed(composition.core, process.env.KILL_AT));
  app.start();
  const reply = (what: Reply) => process.send?.(what);
  const obey = async ({ account, request }: Order): Promise<Reply> => {
    if (request) return { answer: await app.generate(account, request) };
    const [quota, { generations }] = await Promise.all([
      app.quota(account),
      app.generations(account, 100, null, {}),
    ]);
    return { seen: { generations, quota } };
  };
  process.on('message', (order: Order) => {
    obey(order).then(reply, (error: unknown) => reply({ fault: String(error) }));
  });
  process.on('disconnect', () => {
    void app
      .drain(0)
      .then(() => composition.dispose())
      .then(() => process.exit(0));
  });
  reply({});
}
