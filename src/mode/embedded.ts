import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeAssets } from '../assets/by-url.js';
import type { Clock } from '../clock.js';
import type { EmbeddedStores, Serving } from '../env.js';
import { makeMemoryGate } from '../gate/memory.js';
import { makeLedgerAudit } from '../ledger/audit.js';
import { openDatabase } from '../ledger/database.js';
import { migrate } from '../ledger/migrate.js';
import { makeMedia } from '../media/media.js';
import { makeMemoryLive } from '../live/memory.js';
import type { Log } from '../log.js';
import { assignProviders } from './assign-providers.js';
import type { Books, Composition } from './composition.js';
import { makeLedgerPorts } from './ledger-ports.js';
import { lockDataDir } from './lock.js';
import { whole } from './owned.js';
import { makeProviders } from './providers.js';
import { readSettings } from './settings.js';
import { ensureTables } from './tables.js';

const DEMO_ACCOUNT = 'demo';

/** Everything in this process and in DATA_DIR, which it locks. Throws when another process has it. */
export function makeEmbedded(
  env: EmbeddedStores & Serving,
  log: Log,
  clock: Clock,
): Promise<Composition> {
  return whole(async (owned) => {
    const settings = await readSettings(env);
    const providers = await makeProviders(env, log, clock);
    const catalog = assignProviders(settings.catalog, providers, ['sketch']);
    const assets = makeAssets({ url: env.outputsUrl, s3: env.s3 });
    owned.own(await lockDataDir(env.dataDir));
    const database = await openDatabase({ kind: 'sqlite', file: ledgerFile(env) }, log);
    const kept = makeLedgerPorts(database, clock);
    const ledger = owned.own(kept.ledger);
    await ensureTables(database, env.migrate, log);
    const live = owned.own(makeMemoryLive({ log }));
    const publish = live.publishQuota.bind(live);
    const gate = owned.own(makeMemoryGate({ healAfterMs: env.healAfterMs, publish }));
    const media = makeMedia();
    const ports = { ...kept, gate, live, assets, media, providers, clock, log };
    return {
      core: { ...settings, catalog, ...ports },
      linksKey: await ledger.sharedKey('links'),
      demoAccount: DEMO_ACCOUNT,
      ready: () => ledger.ping(),
      dispose: () => owned.dispose(),
    };
  });
}

/** The ledger file, read-only: also beside a running server. */
export function openEmbeddedBooks(stores: EmbeddedStores, log: Log): Promise<Books> {
  const file = ledgerFile(stores);
  return whole(async (owned) => {
    if (!existsSync(file)) {
      throw new Error(`DATA_DIR ${stores.dataDir} has no ledger yet: run "genquota serve" first.`);
    }
    const database = owned.own(await openDatabase({ kind: 'sqlite', file, readOnly: true }, log));
    await ensureTables(database, false, log);
    return { ledgerAudit: makeLedgerAudit(database), gate: null, dispose: () => owned.dispose() };
  });
}

/** Answers the names of the migrations that ran. Throws while a server runs on the same DATA_DIR. */
export function migrateEmbedded(stores: EmbeddedStores, log: Log): Promise<string[]> {
  return whole(async (owned) => {
    owned.own(await lockDataDir(stores.dataDir));
    const database = await openDatabase({ kind: 'sqlite', file: ledgerFile(stores) }, log);
    const ran = await migrate(owned.own(database));
    await owned.dispose();
    return ran;
  });
}

function ledgerFile({ dataDir }: EmbeddedStores): string {
  return join(dataDir, 'ledger.sqlite');
}
