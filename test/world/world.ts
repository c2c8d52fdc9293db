import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeApp, type App } from '../../src/app.js';
import type { Core, Ports } from '../../src/app/core.js';
import type { Assets } from '../../src/assets.js';
import { makeFlydriveAssets } from '../../src/assets/flydrive.js';
import { systemClock, type Clock } from '../../src/clock.js';
import { parseCatalog } from '../../src/domain/catalog-file.js';
import type { Gate } from '../../src/gate.js';
import { makeMemoryGate } from '../../src/gate/memory.js';
import { makeRedisGate } from '../../src/gate/redis.js';
import type { Ledger } from '../../src/ledger.js';
import { openDatabase } from '../../src/ledger/database.js';
import { migrate } from '../../src/ledger/migrate.js';
import { makeLedger } from '../../src/ledger/typeorm.js';
import type { Live } from '../../src/live.js';
import { makeMemoryLive } from '../../src/live/memory.js';
import { makeRedisLive } from '../../src/live/redis.js';
import type { Log } from '../../src/log.js';
import { freshMysqlUrl, redisUrl } from '../engines/index.js';
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
  /** Another process on the same stores. Only in service mode: embedded is one process by design. */
  another(changes?: Partial<Core>): Promise<App>;
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
  const assets = makeFlydriveAssets({ url: pathToFileURL(join(directory, 'outputs')).href });
  const stores =
    mode === 'embedded'
      ? embedded(directory, clock, healAfterMs)
      : await service(clock, healAfterMs, options.redis);
  const disposals: (() => Promise<void>)[] = [];

  async function gateway(change: (core: Core) => Partial<Core>): Promise<{ app: App; core: Core }> {
    const ports = await stores();
    const base = { ...coreOf(ports, assets, provider, clock), healAfterMs };
    const core = { ...base, ...change(base) };
    const app = makeApp(core);
    disposals.push(async () => {
      await app.drain(0);
      await Promise.all([ports.gate.dispose(), ports.live.dispose()]);
      await ports.ledger.dispose();
    });
    return { app, core };
  }

  const first = await gateway(options.change ?? (() => ({})));
  return {
    ...first,
    provider,
    account: `account-${randomUUID()}`,
    another: async (changes = {}) => (await gateway(() => changes)).app,
    async dispose() {
      await Promise.all(disposals.map((dispose) => dispose()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

type Stores = () => Promise<{ gate: Gate; ledger: Ledger; live: Live }>;

function embedded(directory: string, clock: Clock, healAfterMs: number): Stores {
  return async () => {
    const live = makeMemoryLive({ log: silent });
    const database = await openDatabase(
      { kind: 'sqlite', file: join(directory, 'ledger.sqlite') },
      silent,
    );
    await migrate(database);
    const gate = makeMemoryGate({ healAfterMs, publish: live.publishQuota });
    return { gate, live, ledger: makeLedger(database, clock) };
  };
}

async function service(clock: Clock, healAfterMs: number, url = redisUrl()): Promise<Stores> {
  const prefix = `world-${randomUUID()}`;
  const mysql = await freshMysqlUrl();
  return async () => {
    const database = await openDatabase({ kind: 'mysql', url: mysql }, silent);
    await migrate(database);
    const shared = { url, prefix, log: silent };
    return {
      gate: makeRedisGate({ ...shared, healAfterMs }),
      live: makeRedisLive(shared),
      ledger: makeLedger(database, clock),
    };
  };
}

function coreOf(
  stores: Omit<Ports, 'assets' | 'providers' | 'clock' | 'log'>,
  assets: Assets,
  provider: Puppet,
  clock: Clock,
): Omit<Core, 'healAfterMs'> {
  return {
    ...stores,
    assets,
    providers: new Map([[provider.name, provider]]),
    clock,
    log: silent,
    catalog,
    defaultPlan: 'core',
    selfServicePlans: true,
    deadlineMs: 600_000,
    leaseMs: 30_000,
    slots: 64,
    owner: randomUUID(),
  };
}

const catalog = parseCatalog(JSON.parse(readFileSync('catalog.json', 'utf8')));

const ignore = () => undefined;
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A request for one image. */
export function press(requestId: string = randomUUID(), changes: Partial<Content> = {}) {
  return {
    requestId,
    action: 'image.generate',
    prompt: 'a lighthouse at dawn',
    settings: null,
    inputs: [],
    outputCount: 1,
    ...changes,
  };
}

type Content = Parameters<App['generate']>[1];
