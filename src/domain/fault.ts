/** Stable codes partners may rely on; they appear as `extensions.code`. */
export type FaultCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'IDEMPOTENCY_MISMATCH'
  | 'NO_SUBSCRIPTION'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE';

const RETRYABLE: ReadonlySet<FaultCode> = new Set<FaultCode>(['RATE_LIMITED', 'UNAVAILABLE']);

/** What cannot be answered, and why. The message reaches the caller: it says what to do next and holds no secret. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  /** Whether the very same request may succeed later, with nothing changed by the caller. */
  readonly retryable: boolean;

  /** `cause` is for the log; it never reaches the caller. */
  constructor(code: FaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = RETRYABLE.has(code);
  }
}
