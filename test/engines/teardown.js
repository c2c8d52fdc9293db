/** After all tests; when the run is killed before it gets here, the engines' guards do the same. */
export default () => globalThis.genquotaStopEngines?.();
