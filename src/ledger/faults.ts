import { QueryFailedError } from 'typeorm';
import { LedgerUnavailable } from '../ledger.js';

/**
 * What a database error means. `duplicate`: a key is taken. `conflict`: rolled back, the whole transaction may run again.
 * `lost`: the database cannot be asked, or did not answer. `other`: a fault of the statement.
 */
export type Fault = 'duplicate' | 'conflict' | 'lost' | 'other';

/** What the two drivers tell about an error, as far as it is used. */
interface DriverError {
  code?: string | number;
  /** MySQL's error number. */
  errno?: number;
  /** SQLite's extended result code. */
  errcode?: number;
  fatal?: boolean;
  message: string;
}

// Deadlock, lock wait, Group Replication and Galera certification, record changed since last read; query interrupted (KILL QUERY).
const MYSQL_CONFLICTS = new Set([1213, 1205, 3101, 1180, 1020, 1317]);
// Too many connections, shutting down, killed, node not ready, read-only: another moment or another node may answer.
const MYSQL_LOST = new Set([
  1040, 1053, 1927, 1047, 1290, 1792, 1836, 1045, 1044, 1049, 1129, 3159,
]);
const MYSQL_LOST_CODES =
  /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|PROTOCOL_|HANDSHAKE_|ER_ACCESS_DENIED)/;
const POOL_MESSAGES = /pool is closed|queue limit reached|closed state|connection lost/i;

export function mysqlFault(error: unknown): Fault {
  const { errno, code, fatal, message } = driverErrorOf(error);
  if (errno === 1062) return 'duplicate';
  if (errno !== undefined && MYSQL_CONFLICTS.has(errno)) return 'conflict';
  if (errno !== undefined && MYSQL_LOST.has(errno)) return 'lost';
  if (fatal === true || MYSQL_LOST_CODES.test(String(code ?? ''))) return 'lost';
  return POOL_MESSAGES.test(message) ? 'lost' : 'other';
}

// Primary result codes; the extended ones carry theirs in the low byte.
const SQLITE_CONFLICTS = new Set([5 /* BUSY */, 6 /* LOCKED */]);
const SQLITE_LOST = new Set([8, 10, 11, 13, 14, 26]); // READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB
const SQLITE_DUPLICATES = new Set([1555 /* PRIMARY KEY */, 2067 /* UNIQUE */]);

export function sqliteFault(error: unknown): Fault {
  const { errcode } = driverErrorOf(error);
  if (errcode === undefined) return 'other';
  if (SQLITE_DUPLICATES.has(errcode)) return 'duplicate';
  if (SQLITE_CONFLICTS.has(errcode & 0xff)) return 'conflict';
  return SQLITE_LOST.has(errcode & 0xff) ? 'lost' : 'other';
}

function driverErrorOf(error: unknown): DriverError {
  const inner: unknown = error instanceof QueryFailedError ? error.driverError : error;
  // By shape: an addon's error need not be of this realm's Error.
  return typeof inner === 'object' && inner !== null && 'message' in inner
    ? (inner as DriverError)
    : { message: String(inner) };
}

/**
 * What leaves the adapter: never the driver's error itself, which carries the statement with every value in it (prompts)
 * and would reach the log.
 */
export function outwardError(error: unknown, fault: Fault): Error {
  if (error instanceof LedgerUnavailable) return error;
  const { code, errno, errcode, message } = driverErrorOf(error);
  const label = String(code ?? errno ?? errcode ?? 'no code');
  const cause = new Error(`${label}: ${message}`);
  if (fault === 'lost') {
    return new LedgerUnavailable(
      'The ledger does not answer now. Try again in a moment; a generation keeps its requestId.',
      { cause },
    );
  }
  if (fault === 'conflict') {
    return new LedgerUnavailable(
      'The ledger is busy with this account. Try again in a moment; a generation keeps its requestId.',
      { cause },
    );
  }
  if (error instanceof QueryFailedError) {
    return new Error(`The ledger's database refused a statement (${label}).`, { cause });
  }
  return error instanceof Error ? error : cause;
}
