import type { AuditReport } from './app/audit.js';

/** An audit in words; ends with a newline. */
export function reportInWords({
  ledger,
  gate,
  violations,
  byInvariant,
  first,
}: AuditReport): string {
  const { accounts, generations, entries } = ledger;
  const lines = [
    `Ledger: ${accounts} accounts, ${generations} generations, ${entries} entries.`,
    gate
      ? `Gate: ${gate.equal} accounts equal, ${gate.unknown} not in the gate, ${gate.pending} waiting to be healed.`
      : "Gate: it lives in the server's memory, so only the ledger file was checked.",
  ];
  if (violations === 0) lines.push('No violations.');
  else {
    const kinds = Object.entries(byInvariant).map(([invariant, count]) => `${invariant} ${count}`);
    lines.push(`${violations} violations: ${kinds.sort().join(', ')}.`);
  }
  for (const { invariant, account, subject, message } of first) {
    lines.push(`  ${invariant} account ${JSON.stringify(account)}, ${subject}: ${message}`);
  }
  if (violations > first.length) lines.push(`  … and ${violations - first.length} more`);
  return `${lines.join('\n')}\n`;
}
