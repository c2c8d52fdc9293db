/** What the inner rings need of a logger; pino has this shape. Prompts and tokens are never passed to it. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
