import { Fault } from '../domain/fault.js';

/** A fault in HTTP's terms. */
export interface Refusal {
  status: 404 | 503;
  message: string;
}

/** Null: nothing that the caller can do anything about. */
export function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof Fault)) return null;
  const { code, message, retryable } = error;
  if (retryable) return { status: 503, message };
  return code === 'NOT_FOUND' || code === 'NO_SUBSCRIPTION' ? { status: 404, message } : null;
}
