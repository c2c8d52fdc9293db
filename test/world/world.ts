import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import { makeApp, type App } from '../../src/app.js';
import type { Core, Ports } from '../../src/app/core.js';
import type { Assets } from '../../src/assets.js';
import { makeAssets } from '../../src/assets/by-url.js';
import { systemClock, type Clock } from '../../src/clock.js';
import { parseCatalog } from '../../src/domain/catalog-file.js';
import type { Gate } from '../../src/gate.js';
import { makeMemoryGate } from '../../src/gate/memory.js';
import { makeRedisGate } from '../../src/gate/redis.js';
import { openDatabase } from '../../src/ledger/database.js';
import { migrate } from '../../src/ledger/migrate.js';
import { makeMemoryLive } from '../../src/live/memory.js';
import { makeRedisLive } from '../../src/live/redis.js';
import { makeMedia } from '../../src/media/media.js';
import { assignProviders } from '../../src/mode/assign-providers.js';
import { makeLedgerPorts } from '../../src/mode/ledger-ports.js';
import { makeBuiltin } from '../../src/provider/builtin.js';
import { freshMysqlUrl, redisUrl } from '../engines/index.js';
import { silentLog } from './log.js';
import { makePuppet, type Puppet } from './puppet.js';

export const MODES = ['embedded', 'service'] as const;
export type Mode = (typeof MODES)[number];

/** The use cases over real stores, with a provider that a test plays itself. */
export interface World {
  app: App;
  core: Core;
  provider: Puppet;
  /** An account never used before. */
  account: string;
  /** Another gateway on the same stores; embedded, where stores are one process's, it shares their very adapters. */
  another(changes?: (core: Core) => Partial<Core>): Promise<App>;
  /** Makes the gate forget everything, as a flushed Redis or a restarted process does. */
  loseGate(): Promise<void>;
  dispose(): Promise<void>;
}

export interface WorldOptions {
  clock?: Clock;
  /** Service mode: a Redis of the test's own, to stop and flush. */
  redis?: string;
  /** Age at which a take without a ledger row is dropped; a deployment's 45 s unless said. */
  healAfterMs?: number;
  /** What differs from a deployment's defaults; ports can be wrapped here. */
  change?: (core: Core) => Partial<Core>;
}

export async function makeWorld(mode: Mode, options: WorldOptions = {}): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'genquota-world-'));
  const provider = makePuppet();
  const { clock = systemClock, healAfterMs = 45_000 } = options;
  const url = pathToFileURL(join(directory, 'outputs')).href;
  const assets = makeAssets({ url, s3: null });
  const stores =
    mode === 'embedded'
      ? await embedded(directory, clock, healAfterMs)
      : await service(clock, healAfterMs, options.redis);
  const apps: App[] = [];

  async function gateway(change: (core: Core) => Partial<Core>): Promise<{ app: App; core: Core }> {
    const base = { ...coreOf(await stores.open(), assets, provider, clock), healAfterMs };
    const core = { ...base, ...change(base) };
    const app = makeApp(core);
    apps.push(app);
    return { app, core };
  }

  const first = await gateway(options.change ?? (() => ({})));
  return {
    ...first,
    provider,
    account: `account-${randomUUID()}`,
    another: async (changes = () => ({})) => (await gateway(changes)).app,
    loseGate: () => stores.loseGate(),
    async dispose() {
      await Promise.all(apps.map((app) => app.drain(0)));
      await stores.dispose();
      // A result may still be on its way into storage: what drains hands back is not waited for.
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type StorePorts = Pick<Ports, 'gate' | 'live'> & ReturnType<typeof makeLedgerPorts>;

interface Stores {
  /** The adapters of one more process. */
  open(): Promise<StorePorts>;
  loseGate(): Promise<void>;
  dispose(): Promise<void>;
}

async function embedded(directory: string, clock: Clock, healAfterMs: number): Promise<Stores> {
  const live = makeMemoryLive({ log: silentLog });
  const file = join(directory, 'ledger.sqlite');
  const database = await openDatabase({ kind: 'sqlite', file }, silentLog);
  await migrate(database);
  const kept = makeLedgerPorts(database, clock);
  const makeGate = () => makeMemoryGate({ healAfterMs, publish: live.publishQuota });
  let inner = makeGate();
  const gate: Gate = {
    take: (taking) => inner.take(taking),
    adopt: (hold, epoch) => inner.adopt(hold, epoch),
    settle: (hold, end) => inner.settle(hold, end),
    release: (...all) => inner.release(...all),
    read: (account, at) => inner.read(account, at),
    inspect: (account) => inner.inspect(account),
    put: (state, onlyAtRevision) => inner.put(state, onlyAtRevision),
    forget: (account) => inner.forget(account),
    sweep: (cursor, at) => inner.sweep(cursor, at),
    dispose: () => inner.dispose(),
  };
  return {
    open: () => Promise.resolve({ gate, live, ...kept }),
    loseGate() {
      inner = makeGate();
      return Promise.resolve();
    },
    dispose: () => kept.ledger.dispose(),
  };
}

async function service(clock: Clock, healAfterMs: number, url = redisUrl()): Promise<Stores> {
  const prefix = `world-${randomUUID()}`;
  const mysql = await freshMysqlUrl();
  const opened: StorePorts[] = [];
  return {
    async open() {
      const database = await openDatabase({ kind: 'mysql', url: mysql }, silentLog);
      await migrate(database);
      const shared = { url, prefix, log: silentLog };
      const ports = {
        gate: makeRedisGate({ ...shared, healAfterMs }),
        live: makeRedisLive(shared),
        ...makeLedgerPorts(database, clock),
      };
      opened.push(ports);
      return ports;
    },
    async loseGate() {
      const redis = new Redis(url);
      const keys = await redis.keys(`${prefix}:*`);
      if (keys.length > 0) await redis.del(keys);
      await redis.quit();
    },
    async dispose() {
      await Promise.all(
        opened.flatMap(({ gate, live, ledger }) => [
          gate.dispose(),
          live.dispose(),
          ledger.dispose(),
        ]),
      );
    },
  };
}

function coreOf(
  stores: StorePorts,
  assets: Assets,
  provider: Puppet,
  clock: Clock,
): Omit<Core, 'healAfterMs'> {
  const providers = new Map([provider, makeBuiltin()].map((one) => [one.name, one] as const));
  return {
    ...stores,
    assets,
    media: makeMedia(),
    providers,
    linkTo: (key) => `http://gateway.test/outputs/${key}`,
    clock,
    log: silentLog,
    catalog: assignProviders(catalog, providers, ['sketch']),
    defaultPlan: 'core',
    selfServicePlans: true,
    deadlineMs: 600_000,
    leaseMs: 30_000,
    slots: 64,
    owner: randomUUID(),
  };
}

const catalog = parseCatalog(JSON.parse(readFileSync('catalog.json', 'utf8')));

/** A request for one image. */
export function press(requestId: string = randomUUID(), changes: Partial<Content> = {}) {
  return {
    requestId,
    action: 'image.generate',
    prompt: 'a lighthouse at dawn',
    settings: null,
    inputs: [],
    outputCount: 1,
    parent: null,
    ...changes,
  };
}

type Content = Parameters<App['generate']>[1];
