/** Resources that end together, the youngest first. */
export interface Owned {
  /** Answers the resource, and disposes of it when the others end. */
  own<T extends { dispose(): unknown }>(resource: T): T;
  /** Ends all, whatever one of them throws; then throws what the first threw. */
  dispose(): Promise<void>;
}

function makeOwned(): Owned {
  const resources: { dispose(): unknown }[] = [];
  return {
    own(resource) {
      resources.push(resource);
      return resource;
    },
    async dispose() {
      const errors: unknown[] = [];
      for (let last = resources.pop(); last !== undefined; last = resources.pop()) {
        try {
          await last.dispose();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}

/** Builds with owned resources; when it fails half-way, what was opened until then is closed again. */
export async function whole<T>(build: (owned: Owned) => Promise<T>): Promise<T> {
  const owned = makeOwned();
  try {
    return await build(owned);
  } catch (error) {
    // The first error says more than one met while cleaning up after it.
    await owned.dispose().catch(() => undefined);
    throw error;
  }
}
