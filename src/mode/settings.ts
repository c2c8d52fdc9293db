import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Settings } from '../app/core.js';
import { findPlan, type Catalog } from '../domain/catalog.js';
import { CatalogError, parseCatalog } from '../domain/catalog-file.js';
import type { CommonStores, Serving } from '../env.js';

/** What a deployment has decided, its catalogue file included. Throws with all that is wrong in it. */
export async function readSettings(env: CommonStores & Serving): Promise<Settings> {
  const catalog = await readCatalog(env.catalogFile);
  if (env.defaultPlan !== null && !findPlan(catalog, env.defaultPlan)) {
    const known = catalog.plans.map((plan) => plan.id).join(', ');
    throw new Error(`DEFAULT_PLAN ${env.defaultPlan} is not in the catalogue; it has: ${known}`);
  }
  return {
    catalog,
    defaultPlan: env.defaultPlan,
    selfServicePlans: env.selfServicePlans,
    deadlineMs: env.deadlineMs,
    leaseMs: env.leaseMs,
    healAfterMs: env.healAfterMs,
    slots: env.slots,
    owner: randomUUID(),
  };
}

async function readCatalog(file: string): Promise<Catalog> {
  try {
    return parseCatalog(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const reason =
      error instanceof CatalogError ? error.message : `It cannot be read: ${String(error)}`;
    throw new Error(`CATALOG_FILE ${file}: ${reason}`, { cause: error });
  }
}
