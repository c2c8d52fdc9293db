import { registerEnumType } from 'type-graphql';

export const GenerationStatus = {
  QUEUED: 'QUEUED',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  BLOCKED: 'BLOCKED',
  EXPIRED: 'EXPIRED',
  CANCELLED: 'CANCELLED',
} as const;

registerEnumType(GenerationStatus, {
  name: 'GenerationStatus',
  description:
    'Where a generation is. QUEUED and RUNNING are open; the others are final and never change again, except by a late delivery.',
  valuesConfig: {
    QUEUED: { description: 'Accepted and durable, waiting for a free slot.' },
    RUNNING: { description: 'Being made by the provider; of an upload: its file is waited for.' },
    SUCCEEDED: { description: 'Delivered: `outputs` holds at least one file.' },
    FAILED: {
      description:
        'The provider could not deliver, or what it delivered could not be stored. Nothing was charged; see `failure`.',
    },
    BLOCKED: { description: 'Content moderation refused it. Nothing was charged; see `failure`.' },
    EXPIRED: {
      description:
        'No result came in time (`failure.code` TIMED_OUT), or the gateway lost the process that waited for it (PROVIDER_FAILED). Nothing was charged.',
    },
    CANCELLED: {
      description: 'Ended by `cancelGeneration` before it was delivered. Nothing was charged.',
    },
  },
});

export const ChargeStatus = {
  HELD: 'HELD',
  POSTED: 'POSTED',
  RESTORED: 'RESTORED',
  FREE: 'FREE',
} as const;

registerEnumType(ChargeStatus, {
  name: 'ChargeStatus',
  description: 'What became of the units a generation took from the quota.',
  valuesConfig: {
    HELD: { description: 'Taken, outcome still open. Counts as used until it is decided.' },
    POSTED: { description: 'Delivered and counted.' },
    RESTORED: { description: 'Given back to the period it was taken from.' },
    FREE: { description: 'Cost nothing from the start.' },
  },
});

export const LedgerEntryKind = {
  HOLD: 'HOLD',
  POST: 'POST',
  RESTORE: 'RESTORE',
  WRITE_OFF: 'WRITE_OFF',
} as const;

registerEnumType(LedgerEntryKind, {
  name: 'LedgerEntryKind',
  description: 'What one line of the ledger did.',
  valuesConfig: {
    HOLD: { description: 'Units were taken when the request was accepted.' },
    POST: { description: 'The held units became final: something was delivered.' },
    RESTORE: { description: 'The units were given back, by the gateway or by Support.' },
    WRITE_OFF: {
      description:
        'Delivered after the units had been given back: the person keeps it, free. 0 units.',
    },
  },
});

export const FailureCode = {
  PROVIDER_FAILED: 'PROVIDER_FAILED',
  BLOCKED: 'BLOCKED',
  TIMED_OUT: 'TIMED_OUT',
  CANCELLED: 'CANCELLED',
} as const;

registerEnumType(FailureCode, {
  name: 'FailureCode',
  description: 'Why nothing was delivered.',
  valuesConfig: {
    PROVIDER_FAILED: {
      description:
        'It could not be made: the AI provider answered with an error, the work was interrupted on the gateway’s side, or the result could not be stored.',
    },
    BLOCKED: { description: 'Content moderation refused the prompt, an input or every output.' },
    TIMED_OUT: { description: 'No result came before the deadline.' },
    CANCELLED: { description: 'The person, or the app for them, cancelled it.' },
  },
});

export const BillingCycle = { MONTHLY: 'MONTHLY', ANNUAL: 'ANNUAL' } as const;

registerEnumType(BillingCycle, {
  name: 'BillingCycle',
  description: 'How the person pays. The quota refreshes monthly either way.',
  valuesConfig: {
    MONTHLY: { description: 'Paid every month.' },
    ANNUAL: { description: 'Paid every year; the quota still refreshes every month.' },
  },
});
