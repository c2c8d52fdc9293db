import { readFileSync } from 'node:fs';
import { parseCatalog } from '../../src/domain/catalog-file.js';

/** The JSON of the catalogue that ships with the project: a fresh copy to spoil. */
export function shippedJson(): CatalogJson {
  const url = new URL('../../catalog.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as CatalogJson;
}

export const shipped = parseCatalog(shippedJson());

/** The shipped catalogue with a change made to its file. */
export function catalogWith(change: (json: CatalogJson) => void) {
  const json = shippedJson();
  change(json);
  return parseCatalog(json);
}

type Entry = Record<string, unknown>;

export interface CatalogJson {
  plans: (Entry & { id: string; versions: Entry[] })[];
  actions: (Entry & { id: string })[];
  rules: (Entry & { costs: Entry })[];
}
