interface Disposable {
  dispose(): Promise<void>;
}

/** What is passed to the answer is disposed of after the tests of this file. */
export function ownedByTests(): <T extends Disposable>(resource: T) => T {
  const owned: Disposable[] = [];
  afterAll(() => Promise.all(owned.map((resource) => resource.dispose())));
  return (resource) => {
    owned.push(resource);
    return resource;
  };
}
