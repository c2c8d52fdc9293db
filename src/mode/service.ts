import { makeAssets } from '../assets/by-url.js';
import type { Clock } from '../clock.js';
import type { ServiceStores, Serving } from '../env.js';
import { makeRedisGate } from '../gate/redis.js';
import { makeLedgerAudit } from '../ledger/audit.js';
import { openDatabase } from '../ledger/database.js';
import { migrate } from '../ledger/migrate.js';
import { makeMedia } from '../media/media.js';
import { makeRedisLive } from '../live/redis.js';
import type { Log } from '../log.js';
import { assignProviders } from './assign-providers.js';
import type { Books, Composition } from './composition.js';
import { makeLedgerPorts } from './ledger-ports.js';
import { whole } from './owned.js';
import { makeProviders } from './providers.js';
import { readSettings } from './settings.js';
import { ensureTables } from './tables.js';

/** One of any number of gateways over one MySQL and one Redis. */
export function makeService(
  env: ServiceStores & Serving,
  log: Log,
  clock: Clock,
): Promise<Composition> {
  return whole(async (owned) => {
    const settings = await readSettings(env);
    const providers = await makeProviders(env, log, clock);
    const catalog = assignProviders(settings.catalog, providers, []);
    const sketched = catalog.actions.filter((action) => action.providers.includes('sketch'));
    if (sketched.length > 0) {
      const actions = sketched.map((action) => action.id);
      log.warn(
        { actions },
        'the built-in sketch serves these actions: what it makes are placeholders',
      );
    }
    const assets = makeAssets({ url: env.outputsUrl, s3: env.s3 });
    const database = await openDatabase({ kind: 'mysql', url: env.mysqlUrl }, log);
    const kept = makeLedgerPorts(database, clock);
    const ledger = owned.own(kept.ledger);
    await ensureTables(database, env.migrate, log);
    const live = owned.own(makeRedisLive({ url: env.redisUrl, log }));
    const gate = owned.own(makeRedisGate({ url: env.redisUrl, healAfterMs: env.healAfterMs, log }));
    const media = makeMedia();
    const ports = { ...kept, gate, live, assets, media, providers, clock, log };
    return {
      core: { ...settings, catalog, ...ports },
      linksKey: await ledger.sharedKey('links'),
      demoAccount: null,
      ready: () => ledger.ping(),
      dispose: () => owned.dispose(),
    };
  });
}

/** Ledger and gate, without changing either. */
export function openServiceBooks(stores: ServiceStores, log: Log): Promise<Books> {
  return whole(async (owned) => {
    const { mysqlUrl, redisUrl, healAfterMs } = stores;
    const database = owned.own(await openDatabase({ kind: 'mysql', url: mysqlUrl }, log));
    await ensureTables(database, false, log);
    const gate = owned.own(makeRedisGate({ url: redisUrl, healAfterMs, log }));
    return { ledgerAudit: makeLedgerAudit(database), gate, dispose: () => owned.dispose() };
  });
}

/** Answers the names of the migrations that ran. */
export function migrateService(stores: ServiceStores, log: Log): Promise<string[]> {
  return whole(async (owned) => {
    const database = await openDatabase({ kind: 'mysql', url: stores.mysqlUrl }, log);
    const ran = await migrate(owned.own(database));
    await owned.dispose();
    return ran;
  });
}
