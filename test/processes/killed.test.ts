import { execFile, fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freshMysqlUrl, startRedis } from '../engines/index.js';
import { eventually } from '../world/eventually.js';
import { MODES, press } from '../world/world.js';
import { KILL_POINTS, type Order, type Reply } from './gateway.js';

const LEASE_S = 1;
const RESTORED_WITHIN_MS = 60_000;

describe.each(MODES)('a gateway killed with SIGKILL, %s', (mode) => {
  let env: Record<string, string>;
  let cleanUp: () => Promise<unknown>;
  beforeEach(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'genquota-killed-'));
    env = {
      DATA_DIR: dataDir,
      LEASE: `${LEASE_S}s`,
      HEAL_AFTER: '1s',
      DEFAULT_PLAN: 'core',
      LOG_LEVEL: 'silent',
    };
    cleanUp = () => rm(dataDir, { recursive: true, force: true });
    if (mode === 'service') {
      const redis = await startRedis();
      env.MYSQL_URL = await freshMysqlUrl();
      env.REDIS_URL = redis.url;
      env.AUTH_SECRET = randomUUID();
      cleanUp = () => Promise.all([redis.stop(), rm(dataDir, { recursive: true, force: true })]);
    }
  });
  afterEach(() => cleanUp());

  async function startGateway(more: Record<string, string> = {}): Promise<ChildProcess> {
    const child = fork('test/processes/gateway.ts', {
      execArgv: ['--import', 'tsx'],
      env: { PATH: process.env.PATH, ...env, ...more },
    });
    await once(child, 'message');
    return child;
  }

  /** The reply, or null when the process died before it came. Orders are replied to in any order: one kind at a time. */
  async function order(child: ChildProcess, it: Order): Promise<Reply | null> {
    const settled = new AbortController();
    const { signal } = settled;
    const replied = once(child, 'message', { signal }).then(([reply]) => reply as Reply);
    const died = once(child, 'exit', { signal }).then(() => null);
    child.send(it);
    const first = await Promise.race([replied, died]);
    settled.abort();
    await Promise.allSettled([replied, died]);
    return first;
  }

  async function look(child: ChildProcess, account: string) {
    const seen = (await order(child, { account, request: null }))?.seen;
    if (!seen) throw new Error('the gateway shows nothing');
    return seen;
  }

  /** `genquota audit` finds nothing, and nothing waits to be healed. */
  async function expectClean(): Promise<void> {
    await eventually(async () => {
      const command = ['dist/src/main.js', 'audit', '--json'];
      const settings = { env: { PATH: process.env.PATH, ...env } };
      // Rejects when the audit exits with anything but 0.
      const { stdout } = await promisify(execFile)(process.execPath, command, settings);
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        violations: 0,
        gate: mode === 'service' ? { equal: 1, unknown: 0, pending: 0 } : null,
      });
    });
  }

  it.each(KILL_POINTS)(
    'should keep every promise when killed %s',
    async (point) => {
      const account = `account-${randomUUID()}`;
      const doomed = await startGateway({ KILL_AT: point });
      const exited = once(doomed, 'exit');
      const request = press();
      const acknowledged = (await order(doomed, { account, request }))?.answer;
      expect((await exited)[1]).toBe('SIGKILL');

      const diedAt = Date.now();
      const survivor = await startGateway();
      const end = await eventually(async () => {
        const { generations, quota } = await look(survivor, account);
        expect(generations.filter(({ finishedAt }) => finishedAt === null)).toEqual([]);
        const posted = generations.filter(({ charge }) => charge === 'POSTED').length;
        expect(quota).toMatchObject({ used: posted, held: 0 });
        return generations;
      }, 20_000);
      expect(Date.now() - diedAt).toBeLessThan(LEASE_S * 1_000 + RESTORED_WITHIN_MS);
      if (acknowledged?.kind === 'accepted') {
        expect(end.map(({ id }) => id)).toContain(acknowledged.generation.id);
      }
      await expectClean();

      // Whoever sends again what was lost gets one generation for it, and never pays twice.
      const again = (await order(survivor, { account, request }))?.answer;
      expect(again).toMatchObject({ kind: 'accepted', replayed: end.length === 1 });
      await eventually(async () => {
        const { generations, quota } = await look(survivor, account);
        expect(generations).toHaveLength(1);
        expect(quota.held).toBe(0);
      });
      await expectClean();
      survivor.disconnect();
      await once(survivor, 'exit');
    },
    90_000,
  );
});
