/** What the system (`code`) or S3 (`name`, `status`) says went wrong. */
export interface FaultFacts {
  name: unknown;
  code: unknown;
  /** HTTP's; undefined when no answer came. */
  status: unknown;
}

/** Looks below the error that flydrive wraps around the one it met. */
export function factsOf(error: unknown): FaultFacts {
  const code = valueIn(error, 'code');
  const wrapped = typeof code === 'string' && code.startsWith('E_CANNOT_');
  if (wrapped && error instanceof Error && error.cause !== undefined) return factsOf(error.cause);
  const metadata = valueIn(error, '$metadata');
  return { name: valueIn(error, 'name'), code, status: valueIn(metadata, 'httpStatusCode') };
}

/** Whether there is no such file. A bucket that is missing is another matter: all files would be taken for deleted. */
export function isMissing(error: unknown): boolean {
  const { code, status, name } = factsOf(error);
  return code === 'ENOENT' || (status === 404 && name !== 'NoSuchBucket');
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const { code } = factsOf(error);
  return typeof code === 'string' && codes.includes(code);
}

function valueIn(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  return (holder as Record<string, unknown>)[name];
}
