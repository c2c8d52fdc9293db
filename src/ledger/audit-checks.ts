import type { Invariant } from '../audit.js';
import { text } from './rows.js';
import type { Row } from './rows.js';

/** One statement that finds what breaks an invariant: every row names its account, and its subject or period. */
export interface Check {
  invariant: Invariant;
  sql(binding: Binding): string;
  message(row: Row): string;
}

/** What a check may bind, in the order it writes it. */
export interface Binding {
  /** The page of accounts that is looked at. */
  within: (alias: string) => string;
  /** An open generation whose deadline is before this instant is overdue. */
  overdueBefore: () => string;
}

const OPEN = "('QUEUED', 'RUNNING')";
const UNDELIVERED = "('FAILED', 'BLOCKED', 'EXPIRED', 'CANCELLED')";

/** How many entries of a kind a generation has. */
const entriesOf = (kind: string) =>
  `(SELECT COUNT(*) FROM entries e WHERE e.account = g.account AND e.subject = g.id AND e.kind = '${kind}')`;

const onGenerations = (
  invariant: Invariant,
  condition: string,
  message: (row: Row) => string,
): Check => ({
  invariant,
  message,
  sql: ({ within }) =>
    `SELECT g.account, g.id AS subject, g.status, g.charge_status, g.units FROM generations g
     WHERE ${within('g')} AND (${condition})`,
});

/** A period's counters against sums of something else, all in one statement. */
const recount = (
  sums: string,
  from: string,
  differs: string,
  message: (row: Row) => string,
): Check => ({
  invariant: 'I1',
  message,
  sql: ({ within }) =>
    `SELECT p.account, p.term, p.idx, p.used, p.held, p.granted,
       COALESCE(c.a, 0) AS a, COALESCE(c.b, 0) AS b
     FROM periods p LEFT JOIN (
       SELECT t.account, t.term, t.period_idx, ${sums} FROM ${from} t
       WHERE ${within('t')} GROUP BY t.account, t.term, t.period_idx
     ) c ON c.account = p.account AND c.term = p.term AND c.period_idx = p.idx
     WHERE ${within('p')} AND (${differs})`,
});

const CAPACITY: readonly Check[] = [
  {
    invariant: 'I1',
    sql: ({ within }) =>
      `SELECT p.account, p.term, p.idx, p.used, p.ceiling FROM periods p
       WHERE ${within('p')} AND p.used > p.ceiling`,
    message: (row) => `${text(row, 'used')} used, at most ${text(row, 'ceiling')} were allowed`,
  },
  recount(
    `SUM(CASE WHEN t.charge_status IN ('HELD', 'POSTED') THEN t.units ELSE 0 END) AS a,
     SUM(CASE WHEN t.charge_status = 'HELD' THEN t.units ELSE 0 END) AS b`,
    'generations',
    'p.used <> COALESCE(c.a, 0) OR p.held <> COALESCE(c.b, 0)',
    (row) =>
      `says ${text(row, 'used')} used, ${text(row, 'held')} held; its generations make ${text(row, 'a')} and ${text(row, 'b')}`,
  ),
  recount(
    `SUM(CASE t.kind WHEN 'HOLD' THEN t.units WHEN 'RESTORE' THEN -t.units ELSE 0 END) AS a,
     SUM(CASE t.kind WHEN 'GRANT' THEN t.units ELSE 0 END) AS b`,
    'entries',
    'p.used <> COALESCE(c.a, 0) OR p.granted <> COALESCE(c.b, 0)',
    (row) =>
      `says ${text(row, 'used')} used, ${text(row, 'granted')} granted; its entries make ${text(row, 'a')} and ${text(row, 'b')}`,
  ),
  onGenerations(
    'I1',
    `g.charge_status IN ('HELD', 'POSTED') AND NOT EXISTS (
       SELECT 1 FROM periods p WHERE p.account = g.account AND p.term = g.term AND p.idx = g.period_idx)`,
    () => 'charged to a period that has no row',
  ),
];

const ENDS: readonly Check[] = [
  {
    invariant: 'I2',
    sql: ({ within, overdueBefore }) =>
      `SELECT g.account, g.id AS subject, g.status FROM generations g
       WHERE ${within('g')} AND g.status IN ${OPEN} AND g.deadline_at < ${overdueBefore()}`,
    message: (row) => `still ${text(row, 'status')} long after its deadline`,
  },
  onGenerations(
    'I2',
    `g.units > 0 AND ((g.status IN ${OPEN}) <> (g.charge_status = 'HELD'))`,
    (row) => `${text(row, 'status')}, but its charge is ${text(row, 'charge_status')}`,
  ),
  onGenerations(
    'I2',
    `g.status IN ${UNDELIVERED} AND g.units > 0
     AND (g.charge_status <> 'RESTORED' OR ${entriesOf('RESTORE')} <> 1)`,
    (row) => `${text(row, 'status')} without exactly one RESTORE of its ${text(row, 'units')}`,
  ),
  onGenerations(
    'I2',
    `g.status = 'SUCCEEDED' AND g.charge_status = 'POSTED' AND ${entriesOf('POST')} <> 1`,
    () => 'SUCCEEDED and POSTED without exactly one POST',
  ),
  onGenerations(
    'I2',
    `g.charge_status <> 'RESTORED' AND ${entriesOf('POST')} > 0 AND ${entriesOf('RESTORE')} > 0`,
    (row) => `both POST and RESTORE, but its charge is ${text(row, 'charge_status')}`,
  ),
  onGenerations(
    'I2',
    `g.status = 'SUCCEEDED' AND g.charge_status = 'RESTORED' AND ${entriesOf('RESTORE')} <> 1`,
    () => 'RESTORED without exactly one RESTORE',
  ),
  onGenerations(
    'I2',
    // Support gave back what was posted, or the success came after the unit was given back: never neither, never both.
    `g.status = 'SUCCEEDED' AND g.charge_status = 'RESTORED'
     AND ${entriesOf('POST')} + ${entriesOf('WRITE_OFF')} <> 1`,
    () => 'delivered and RESTORED with neither a POST nor a WRITE_OFF, or with both',
  ),
  {
    invariant: 'I2',
    sql: ({ within }) =>
      `SELECT r.account, r.subject, r.units, r.term, r.period_idx FROM entries r
       JOIN entries h ON h.account = r.account AND h.subject = r.subject AND h.kind = 'HOLD'
       WHERE ${within('r')} AND r.kind IN ('POST', 'RESTORE')
         AND (r.term <> h.term OR r.period_idx <> h.period_idx OR r.units <> h.units)`,
    message: (row) =>
      `${text(row, 'units')} went to period ${text(row, 'term')}/${text(row, 'period_idx')}, not what its HOLD took`,
  },
];

const ONE_CHARGE: readonly Check[] = [
  {
    invariant: 'I4',
    sql: ({ within }) =>
      `SELECT g.account, MIN(g.id) AS subject, COUNT(*) AS n FROM generations g
       WHERE ${within('g')} GROUP BY g.account, g.request_key HAVING COUNT(*) > 1`,
    message: (row) => `${text(row, 'n')} generations of one request`,
  },
  {
    invariant: 'I4',
    sql: ({ within }) =>
      `SELECT e.account, e.subject, COUNT(*) AS n FROM entries e
       WHERE ${within('e')} AND e.kind = 'HOLD' GROUP BY e.account, e.subject HAVING COUNT(*) > 1`,
    message: (row) => `${text(row, 'n')} HOLDs of one generation`,
  },
  onGenerations(
    'I4',
    `g.units > 0 AND ${entriesOf('HOLD')} = 0`,
    (row) => `charged ${text(row, 'units')} without a HOLD`,
  ),
];

const NOTHING_FORGOTTEN: readonly Check[] = [
  onGenerations(
    'I5',
    `g.status = 'SUCCEEDED' AND g.deleted_at IS NULL AND NOT EXISTS (
       SELECT 1 FROM outputs o WHERE o.account = g.account AND o.generation_id = g.id)`,
    () => 'SUCCEEDED without any output',
  ),
  onGenerations(
    'I5',
    `g.status IN ${OPEN} AND g.due_at IS NULL`,
    (row) => `${text(row, 'status')}, but nobody will ever look at it: no due instant`,
  ),
  {
    invariant: 'I5',
    sql: ({ within }) =>
      `SELECT e.account, e.subject, e.kind FROM entries e
       LEFT JOIN generations g ON g.account = e.account AND g.id = e.subject
       WHERE ${within('e')} AND e.kind <> 'GRANT' AND g.id IS NULL`,
    message: (row) => `a ${text(row, 'kind')} of a generation that is not there`,
  },
];

export const CHECKS: readonly Check[] = [...CAPACITY, ...ENDS, ...ONE_CHARGE, ...NOTHING_FORGOTTEN];
