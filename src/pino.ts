import { pino, type Level, type Logger } from 'pino';

/** JSON lines on standard error: standard output is for results. Synchronous, so that the last words before an exit are kept. */
export function makeLogger(level: Level | 'silent'): Logger {
  const output = pino.destination({ dest: 2, sync: true });
  return pino({ level, serializers: { err: errorFacts } }, output);
}

/** Only these: a database error carries its statement's values along, prompts among them. */
function errorFacts(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause === undefined ? {} : { cause: errorFacts(cause) }) };
}
