import { randomUUID } from 'node:crypto';
import { wordsOf } from '../../src/domain/words.js';
import type { HistoryFilter } from '../../src/history.js';
import { delivered, found, openedAt, saved } from './history.samples.js';
import {
  START,
  aReckoning,
  aSettlement,
  aSubscription,
  balance,
  ended,
  enrolled,
  opened,
  reckon,
} from './ledger.samples.js';
import type { LedgerHarness } from './ledger.samples.js';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

/** What every history must find and count. */
export function describeHistory(harness: () => LedgerHarness): void {
  const ledger = () => harness().ledger;
  const history = () => harness().history;

  describe('the history', () => {
    it('should page newest first without gap or repeat while new ones arrive', async () => {
      const account = await enrolled(ledger(), null);
      const ids = [];
      for (let n = 0; n < 25; n++) ids.push((await opened(ledger(), account)).id);
      const seen: string[] = [];
      for (let before: string | null = null; ;) {
        const page = await history().list(account, 10, before, {});
        if (page.length === 0) break;
        expect(page.length).toBeLessThanOrEqual(10);
        seen.push(...page.map(({ id }) => id));
        before = seen.at(-1) ?? null;
        await opened(ledger(), account, { createdAt: START + 99 });
      }
      expect(seen).toEqual(ids.reverse());
    });

    it('should show what is open and what has ended whole, and nothing of anybody else', async () => {
      const account = await enrolled(ledger());
      await ended(ledger(), await enrolled(ledger()), 'SUCCEEDED');
      const open = await opened(ledger(), account, { parent: randomUUID(), kind: 'video' });
      const done = await delivered(harness(), account);
      expect(done.outputs).toHaveLength(2);
      expect(await history().list(account, 9, null, {})).toEqual([done, open]);
    });

    it('should find by action, by kind, by status and by what it was refined from', async () => {
      const account = await enrolled(ledger());
      const film = await opened(ledger(), account, { action: 'video.edit', kind: 'video' });
      const sound = await opened(ledger(), account, { action: 'audio.edit', kind: 'audio' });
      const child = await opened(ledger(), account, { parent: film.id });
      await ledger().settle(aSettlement(sound, 'FAILED'));
      const expected: [HistoryFilter, string[]][] = [
        [{ action: 'video.edit' }, [film.id]],
        [{ action: 'image.generate' }, [child.id]],
        [{ kind: 'audio' }, [sound.id]],
        [{ status: 'FAILED' }, [sound.id]],
        [{ status: 'RUNNING' }, [child.id, film.id]],
        [{ parent: film.id }, [child.id]],
        [{ parent: child.id }, []],
        [{ kind: 'audio', status: 'RUNNING' }, []],
        [{ kind: 'audio', status: 'FAILED', action: 'audio.edit' }, [sound.id]],
      ];
      for (const [filter, ids] of expected) {
        expect([filter, await found(harness(), account, filter)]).toEqual([filter, ids]);
      }
    });

    it('should find from one instant up to, not including, another', async () => {
      const account = await enrolled(ledger());
      const at = START + 60 * MINUTE;
      const [first, second, third] = [
        await openedAt(harness(), account, at),
        await openedAt(harness(), account, at + 1),
        await openedAt(harness(), account, at + 2),
      ].map(({ id }) => id);
      expect(await found(harness(), account, { from: at + 1 })).toEqual([third, second]);
      expect(await found(harness(), account, { to: at + 1 })).toEqual([first]);
      expect(await found(harness(), account, { from: at + 1, to: at + 2 })).toEqual([second]);
      expect(await found(harness(), account, { from: at + 2, to: at })).toEqual([]);
      expect(await found(harness(), account, { from: 0, to: 1e15 })).toHaveLength(3);
      const page = await history().list(account, 1, third!, { from: at, to: at + 9 });
      expect(page.map(({ id }) => id)).toEqual([second]);
    });

    it('should find by date also what got its id on a clock some minutes off', async () => {
      const account = await enrolled(ledger());
      const at = START + 60 * MINUTE;
      const { id: ahead } = await openedAt(harness(), account, at + 5 * MINUTE, { createdAt: at });
      const { id: behind } = await openedAt(harness(), account, at - 5 * MINUTE, { createdAt: at });
      expect(await found(harness(), account, { from: at, to: at + 1 })).toEqual([ahead, behind]);
    });

    it('should find what is saved in a workspace, each once', async () => {
      const account = await enrolled(ledger());
      const other = await enrolled(ledger());
      const workspace = { owner: other, id: `ws_${randomUUID()}` };
      const [kept, twice] = [
        await delivered(harness(), account),
        await delivered(harness(), account),
      ];
      await delivered(harness(), account);
      const theirs = await delivered(harness(), other);
      for (const one of [kept, twice, theirs]) await saved(harness(), workspace, one, 0);
      await saved(harness(), workspace, twice, 1);
      expect(await found(harness(), account, { workspace })).toEqual([twice.id, kept.id]);
      expect(await found(harness(), other, { workspace })).toEqual([theirs.id]);
      const elsewhere = { ...workspace, owner: account };
      expect(await found(harness(), account, { workspace: elsewhere })).toEqual([]);
      expect(await found(harness(), account, { workspace, status: 'FAILED' })).toEqual([]);
    });

    it('should find by all words of the prompt, from the end of the generation on', async () => {
      const account = await enrolled(ledger());
      const fox = await opened(ledger(), account, { prompt: 'A red FOX in the snow, red.' });
      const cat = await opened(ledger(), account, { prompt: 'A red cat 赤い猫' });
      const none = await opened(ledger(), account, { prompt: null });
      const search = (query: string, filter: HistoryFilter = {}) =>
        found(harness(), account, { ...filter, words: wordsOf(query) });
      expect(await search('red')).toEqual([]);
      await ledger().settle(aSettlement(fox, 'FAILED'));
      await ledger().settle(aSettlement(cat, 'SUCCEEDED'));
      await ledger().settle(aSettlement(none, 'SUCCEEDED'));
      expect(await search('red')).toEqual([cat.id, fox.id]);
      expect(await search('Fox RED')).toEqual([fox.id]);
      expect(await search('猫')).toEqual([cat.id]);
      expect(await search('fox cat')).toEqual([]);
      expect(await search('fo')).toEqual([]);
      expect(await search('red', { status: 'FAILED' })).toEqual([fox.id]);
      expect(await search('✨')).toEqual([cat.id, fox.id, none.id].sort().reverse());
      const stranger = await enrolled(ledger());
      expect(await found(harness(), stranger, { words: ['red'] })).toEqual([]);
      const page = await history().list(account, 9, cat.id, { words: ['red'] });
      expect(page.map(({ id }) => id)).toEqual([fox.id]);
    });

    it('should look for no more than eight words', async () => {
      const account = await enrolled(ledger());
      const eight = Array.from({ length: 8 }, (_, n) => `word${n}`);
      const all = await ended(ledger(), account, 'FAILED', { prompt: eight.join(' ') });
      await ended(ledger(), account, 'FAILED', { prompt: eight.slice(1).join(' ') });
      expect(await found(harness(), account, { words: eight })).toEqual([all.id]);
      expect(await found(harness(), account, { words: [...eight, ...eight] })).toEqual([all.id]);
      expect(await found(harness(), account, { words: [...eight, 'missing'] })).toEqual([all.id]);
      expect(await found(harness(), account, { words: ['missing', ...eight] })).toEqual([]);
    });

    it('should write a word down once, also when a success follows the failure', async () => {
      const account = await enrolled(ledger());
      const generation = await ended(ledger(), account, 'EXPIRED', { prompt: 'late late' });
      const late = await ledger().settle(aSettlement(generation, 'SUCCEEDED'));
      expect(late.kind).toBe('written-off');
      expect(await found(harness(), account, { words: ['late'] })).toEqual([generation.id]);
    });

    it('should answer those of the ids that the account has', async () => {
      const account = await enrolled(ledger());
      const [done, open, gone] = [
        await delivered(harness(), account),
        await opened(ledger(), account),
        await delivered(harness(), account),
      ];
      const theirs = await opened(ledger(), await enrolled(ledger()));
      await history().erase(account, gone.id, START);
      const strangers = Array.from({ length: 1_200 }, () => randomUUID());
      const ids = [done.id, ...strangers, gone.id, theirs.id, open.id];
      const those = await history().findMany(account, ids);
      expect(those.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([done, open]);
      expect(await history().findMany(account, [])).toEqual([]);
    });
  });

  describe('the account of periods', () => {
    const next = (account: string, term: number, index: number, changes = {}) =>
      reckon(
        ledger(),
        aReckoning(account, {
          period: { ref: { term, index }, startsAt: START + index, endsAt: START + index + 1 },
          subscription: aSubscription(account, { term, periodIndex: index }),
          ...changes,
        }),
      );

    it('should name them, the latest first, page by page', async () => {
      const account = await enrolled(ledger());
      for (const [term, index] of [
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const) {
        await next(account, term, index, { limit: index === 0 ? null : 10 });
      }
      const names = async (first: number, before: { term: number; index: number } | null) =>
        (await history().periods(account, first, before)).map(
          ({ ref }) => `${ref.term}/${ref.index}`,
        );
      expect(await names(9, null)).toEqual(['1/1', '1/0', '0/1', '0/0']);
      expect(await names(2, null)).toEqual(['1/1', '1/0']);
      expect(await names(2, { term: 1, index: 0 })).toEqual(['0/1', '0/0']);
      expect(await names(2, { term: 0, index: 0 })).toEqual([]);
    });

    it('should say what a period holds', async () => {
      const account = await enrolled(ledger(), 10);
      const grant = { id: randomUUID(), units: 3, reason: 'Goodwill.', actor: 'ann', rule: 'r' };
      await reckon(ledger(), aReckoning(account, { grant }));
      await opened(ledger(), account);
      await ended(ledger(), account, 'SUCCEEDED');
      const { startsAt, endsAt } = aReckoning(account).period;
      expect(await history().periods(account, 5, null)).toEqual([
        {
          ref: { term: 0, index: 0 },
          startsAt,
          endsAt,
          plan: 'core',
          limit: 10,
          granted: 3,
          used: 2,
          held: 1,
        },
      ]);
      const unlimited = await enrolled(ledger(), null);
      const [row] = await history().periods(unlimited, 5, null);
      expect(row).toMatchObject({ limit: null, used: 0 });
    });

    it('should count by quarter of an hour, action and charge what was pressed in it', async () => {
      const account = await enrolled(ledger());
      const at = START + 4 * QUARTER;
      const posted = await openedAt(harness(), account, at);
      const same = await openedAt(harness(), account, at + QUARTER - 1, { units: 2 });
      for (const one of [posted, same]) await ledger().settle(aSettlement(one, 'SUCCEEDED'));
      const failed = await openedAt(harness(), account, at + 1);
      await ledger().settle(aSettlement(failed, 'FAILED'));
      await openedAt(harness(), account, at + QUARTER, { action: 'video.edit' });
      await openedAt(harness(), account, at + QUARTER, {
        action: 'image.crop',
        units: 0,
        charge: 'FREE',
      });
      // Of the next period, though pressed at the same time: its unit was taken there.
      await next(account, 0, 1);
      await openedAt(harness(), account, at, { period: { term: 0, index: 1 } });
      await history().erase(account, posted.id, at);
      const [, period] = await history().periods(account, 5, null);
      const quarter = at / QUARTER;
      const image = { action: 'image.generate', quarter };
      expect(await history().usage(account, period!)).toEqual([
        { ...image, charge: 'POSTED', generations: 2, units: 3 },
        { ...image, charge: 'RESTORED', generations: 1, units: 1 },
        {
          quarter: quarter + 1,
          action: 'image.crop',
          charge: 'FREE',
          generations: 1,
          units: 0,
        },
        { quarter: quarter + 1, action: 'video.edit', charge: 'HELD', generations: 1, units: 1 },
      ]);
      expect(await balance(ledger(), account)).toMatchObject({ used: 4, held: 1 });
    });

    it('should count what was pressed before another time zone moved the bounds', async () => {
      const account = await enrolled(ledger());
      await openedAt(harness(), account, START + MINUTE);
      const later = START + 26 * 60 * MINUTE;
      const period = { ...aReckoning(account).period, startsAt: later };
      await reckon(ledger(), aReckoning(account, { period }));
      const [row] = await history().periods(account, 1, null);
      expect(row!.startsAt).toBe(later);
      expect(await history().usage(account, row!)).toHaveLength(1);
    });
  });
}
