import type { Generation } from '../domain/generation.js';
import type { Quota } from '../domain/quota.js';
import type { LiveEvent } from '../live.js';
import type { Core } from './core.js';
import { noSuchGeneration } from './end.js';
import { makeMailbox, type Mailbox } from './mailbox.js';
import type { ReadQuota } from './quota.js';

/**
 * Live quota: subscribe first, then read, so nothing falls between; after that every change with a newer revision (I6). At
 * `validUntil` (the monthly reset among others) the quota is read anew, which reckons it and pushes it to everybody.
 */
export function watchQuota(
  core: Core,
  readQuota: ReadQuota,
  account: string,
): Promise<AsyncIterableIterator<Quota>> {
  let lastRevision = -1;
  let cancelExpiry: (() => void) | null = null;

  return subscribed(core, account, {
    onClose: () => cancelExpiry?.(),
    snapshot,
    onEvent(mailbox, event) {
      if (event.kind === 'quota') push(mailbox, event.quota);
      if (event.kind === 'resync') retry(mailbox);
    },
  });

  async function snapshot(mailbox: Mailbox<Quota>): Promise<void> {
    push(mailbox, await readQuota(account));
  }

  function push(mailbox: Mailbox<Quota>, quota: Quota): void {
    if (quota.revision < lastRevision) return;
    expireAt(mailbox, quota.validUntil);
    if (quota.revision === lastRevision) return;
    lastRevision = quota.revision;
    mailbox.offer('quota', quota);
  }

  function expireAt(mailbox: Mailbox<Quota>, at: number): void {
    cancelExpiry?.();
    // A timer may fire a millisecond early; never spin on it.
    const delayMs = Math.max(at - core.clock.now(), 1);
    cancelExpiry = core.clock.after(delayMs, () => {
      retry(mailbox);
    });
  }

  /** A screen stays open while the stores are away: it is told as soon as they are back. */
  function retry(mailbox: Mailbox<Quota>): void {
    snapshot(mailbox).catch((error: unknown) => {
      core.log.warn({ err: error, account }, 'live quota could not be read; trying again');
      cancelExpiry?.();
      cancelExpiry = core.clock.after(RETRY_MS, () => {
        retry(mailbox);
      });
    });
  }
}

const RETRY_MS = 1_000;

/** Live generations: the one asked for, its present state first; or, with null, all of the account's as they change. */
export function watchGenerations(
  core: Core,
  account: string,
  id: string | null,
): Promise<AsyncIterableIterator<Generation>> {
  return subscribed(core, account, {
    onClose: () => undefined,
    async snapshot(mailbox) {
      if (id !== null && !(await read(mailbox, id))) throw noSuchGeneration(id);
    },
    onEvent(mailbox, event) {
      const changed = event.kind === 'generation' ? event.id : event.kind === 'resync' ? id : null;
      if (changed === null || (id !== null && changed !== id)) return;
      read(mailbox, changed).catch((error: unknown) => {
        core.log.warn({ err: error, account }, 'a live generation could not be read');
      });
    },
  });

  async function read(mailbox: Mailbox<Generation>, changed: string): Promise<boolean> {
    const generation = await core.ledger.find(account, changed);
    if (generation) mailbox.offer(changed, generation);
    return generation !== null;
  }
}

interface Source<T> {
  snapshot(mailbox: Mailbox<T>): Promise<void>;
  onEvent(mailbox: Mailbox<T>, event: LiveEvent): void;
  onClose(): void;
}

/** Listens, then takes the snapshot: what fails here is the subscriber's error, and leaves nothing behind. */
async function subscribed<T>(
  core: Core,
  account: string,
  source: Source<T>,
): Promise<AsyncIterableIterator<T>> {
  const mailbox = makeMailbox<T>(() => {
    unsubscribe();
    source.onClose();
  });
  const unsubscribe = await core.live.subscribe(account, (event) => {
    source.onEvent(mailbox, event);
  });
  try {
    await source.snapshot(mailbox);
  } catch (error) {
    await mailbox.iterator.return?.();
    throw error;
  }
  return mailbox.iterator;
}
