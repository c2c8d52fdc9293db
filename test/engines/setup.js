import { tsImport } from 'tsx/esm/api';

/** Before all tests. Jest's own transform does not resolve .js suffixes to .ts files here, so tsx loads them. */
export default async () => {
  const { startEngines } = await tsImport('./run.ts', import.meta.url);
  globalThis.genquotaStopEngines = await startEngines();
};
