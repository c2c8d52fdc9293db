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
  let closed = false;
  let cancelTimer: (() => void) | null = null;

  return subscribed(core, account, {
    snapshot,
    onEvent(mailbox, event) {
      if (event.kind === 'quota') push(mailbox, event.quota);
      if (event.kind === 'resync') refresh(mailbox);
    },
    onClose() {
      closed = true;
      cancelTimer?.();
    },
  });

  async function snapshot(mailbox: Mailbox<Quota>): Promise<void> {
    push(mailbox, await readQuota(account));
  }

  function push(mailbox: Mailbox<Quota>, quota: Quota): void {
    if (quota.revision < lastRevision) return;
    refreshAfter(mailbox, quota.validUntil - core.clock.now());
    if (quota.revision === lastRevision) return;
    lastRevision = quota.revision;
    mailbox.offer('quota', quota);
  }

  /** A screen that has gone has no timer: a snapshot it asked for may still come back. */
  function refreshAfter(mailbox: Mailbox<Quota>, delayMs: number): void {
    cancelTimer?.();
    if (closed) return;
    // A timer may fire a millisecond early; never spin on it.
    cancelTimer = core.clock.after(Math.max(delayMs, 1), () => {
      refresh(mailbox);
    });
  }

  /** A screen stays open while the stores are away: it is told as soon as they are back. */
  function refresh(mailbox: Mailbox<Quota>): void {
    // Whatever the snapshot says: this screen looks again. A newer value sets its own time.
    refreshAfter(mailbox, RETRY_MS);
    snapshot(mailbox).catch((error: unknown) => {
      core.log.warn({ err: error, account }, 'live quota could not be read; trying again');
    });
  }
}

const RETRY_MS = 1_000;

// Generations that ended while events were missed are among the newest.
const REREAD_AFTER_GAP = 20;

/** Live generations: the one asked for, its present state first; or, with null, all of the account's as they change. */
export function watchGenerations(
  core: Core,
  account: string,
  id: string | null,
): Promise<AsyncIterableIterator<Generation>> {
  // Read one after the other: a slow older answer must not come after a newer one. Each once, however often it changed.
  const changed = new Set<string>();
  let reading = false;
  let closed = false;

  return subscribed(core, account, {
    onClose() {
      closed = true;
    },
    async snapshot(mailbox) {
      if (id === null) return;
      reading = true;
      const found = await read(mailbox, id).finally(() => (reading = false));
      if (!found) throw noSuchGeneration(id);
      // What changed meanwhile waited for it.
      await follow(mailbox, []);
    },
    onEvent(mailbox, event) {
      if (event.kind === 'quota') return;
      const news = event.kind === 'generation' ? [event.id] : missed();
      follow(mailbox, news).catch((error: unknown) => {
        core.log.warn({ err: error, account }, 'a live generation could not be read');
      });
    },
  });

  /** What may have changed while events were missed. */
  async function missed(): Promise<string[]> {
    if (id !== null) return [id];
    const newest = await core.history.list(account, REREAD_AFTER_GAP, null, {});
    return newest.map((generation) => generation.id).reverse();
  }

  async function follow(
    mailbox: Mailbox<Generation>,
    news: string[] | Promise<string[]>,
  ): Promise<void> {
    for (const one of await news) if (id === null || one === id) changed.add(one);
    if (reading) return;
    reading = true;
    try {
      for (const next of changed) {
        // Before it is read: a change from now on is another one.
        changed.delete(next);
        await read(mailbox, next).catch((error: unknown) => {
          changed.add(next);
          throw error;
        });
      }
    } catch (error) {
      core.clock.after(RETRY_MS, () => {
        if (!closed) void follow(mailbox, []);
      });
      core.log.warn({ err: error, account }, 'a live generation could not be read; trying again');
    } finally {
      reading = false;
    }
  }

  async function read(mailbox: Mailbox<Generation>, wanted: string): Promise<boolean> {
    const generation = await core.ledger.find(account, wanted);
    if (generation) mailbox.offer(wanted, generation);
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
