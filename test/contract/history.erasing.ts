import type { Generation } from '../../src/domain/generation.js';
import { delivered, dueOf, filesOf, found } from './history.samples.js';
import {
  START,
  aSettlement,
  anOpening,
  anOutput,
  balance,
  ended,
  enrolled,
  newAccount,
  opened,
  violationsOf,
} from './ledger.samples.js';
import type { LedgerHarness } from './ledger.samples.js';

const AT = START + 90_000;

/** What every history must delete, and what every list of removals must keep. */
export function describeErasing(harness: () => LedgerHarness): void {
  const ledger = () => harness().ledger;
  const erase = (account: string, id: string, at = AT) => harness().history.erase(account, id, at);
  /** How many rows of it a table has. */
  const rowsIn = async (table: 'outputs' | 'prompt_words', { account, id }: Generation) => {
    const rows = await harness().database.read((sql) =>
      sql.rows(`SELECT account FROM ${table} WHERE account = ? AND generation_id = ?`, [
        account,
        id,
      ]),
    );
    return rows.length;
  };

  describe('deleting from the history', () => {
    it('should delete the content and leave what the ledger counts', async () => {
      const account = await enrolled(ledger());
      const parent = await delivered(harness(), account);
      const generation = await delivered(harness(), account, { parent: parent.id });
      const entries = await ledger().entries(account, [generation.id]);
      expect(await erase(account, generation.id)).toBe('erased');
      expect(await ledger().find(account, generation.id)).toBeNull();
      expect(await ledger().locate(generation.id)).toEqual({
        ...generation,
        prompt: null,
        settings: null,
        inputs: [],
        parent: null,
        requestId: '',
        contentHash: '',
        outputs: [],
        deletedAt: AT,
      });
      expect(await found(harness(), account, {})).toEqual([parent.id]);
      expect(await found(harness(), account, { words: ['lighthouse'] })).toEqual([parent.id]);
      expect(await rowsIn('prompt_words', generation)).toBe(0);
      expect(await ledger().entries(account, [generation.id])).toEqual(entries);
      expect(await balance(ledger(), account)).toMatchObject({ used: 2, held: 0 });
    });

    it('should have its files removed, thumbnails included, and nobody else’s', async () => {
      const account = await enrolled(ledger());
      const [kept, gone] = [
        await delivered(harness(), account),
        await delivered(harness(), account),
      ];
      await harness().removals.schedule(filesOf(gone).slice(0, 1), AT + 1_000);
      await erase(account, gone.id);
      expect(filesOf(gone)).toHaveLength(3);
      expect(await dueOf(harness(), filesOf(gone), AT - 1)).toEqual([]);
      expect(await dueOf(harness(), filesOf(gone), AT)).toEqual(filesOf(gone));
      expect(await dueOf(harness(), filesOf(kept), AT)).toEqual([]);
      expect(await rowsIn('outputs', gone)).toBe(0);
      expect((await ledger().find(account, kept.id))?.outputs).toEqual(kept.outputs);
    });

    it('should delete a provider’s words, which may repeat the prompt, and keep an operator’s', async () => {
      const account = await enrolled(ledger());
      const failure = { code: 'BLOCKED' as const, message: 'No lighthouses.', retryable: false };
      const blocked = await ended(
        ledger(),
        account,
        'BLOCKED',
        {},
        {
          failure,
          reason: failure.message,
        },
      );
      const posted = await delivered(harness(), account);
      const support = { account, id: posted.id, reason: 'Blurred.', actor: 'ann', at: AT };
      await ledger().restorePosted(support);
      for (const { id } of [blocked, posted]) await erase(account, id);
      const skeleton = await ledger().locate(blocked.id);
      expect(skeleton?.failure).toMatchObject({ code: 'BLOCKED', retryable: false });
      const entries = await ledger().entries(account, [blocked.id, posted.id]);
      expect(entries.map(({ kind }) => kind).sort()).toEqual([
        'HOLD',
        'HOLD',
        'POST',
        'RESTORE',
        'RESTORE',
      ]);
      expect(JSON.stringify([skeleton, entries])).not.toContain('No lighthouses.');
      expect(entries.map(({ reason }) => reason)).toContain('Blurred.');
    });

    it('should let go of what was refined from it', async () => {
      const account = await enrolled(ledger());
      const first = await delivered(harness(), account);
      const child = await opened(ledger(), account, { parent: first.id });
      const other = await opened(ledger(), account, { parent: child.id });
      await erase(account, first.id);
      expect(await ledger().find(account, child.id)).toMatchObject({ parent: null });
      expect(await ledger().find(account, other.id)).toMatchObject({ parent: child.id });
    });

    it('should leave open ones, others’ and unknown ones as they are', async () => {
      const account = await enrolled(ledger());
      const open = await opened(ledger(), account);
      const theirs = await delivered(harness(), await enrolled(ledger()));
      expect(await erase(account, open.id)).toBe('open');
      expect(await erase(account, theirs.id)).toBe('absent');
      expect(await erase(newAccount(), 'nothing')).toBe('absent');
      expect(await ledger().find(account, open.id)).toEqual(open);
      expect(await ledger().find(theirs.account, theirs.id)).toEqual(theirs);
    });

    it('should delete once: who comes later finds nothing', async () => {
      const account = await enrolled(ledger());
      const { id } = await delivered(harness(), account);
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) => erase(account, id, AT + n)),
      );
      expect(answers.filter((answer) => answer === 'erased')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'absent')).toHaveLength(9);
      const { deletedAt } = (await ledger().locate(id))!;
      // The same deletion again, because its answer was lost.
      expect(await erase(account, id, deletedAt!)).toBe('erased');
      expect(await erase(account, id, deletedAt! + 1)).toBe('absent');
    });

    it('should not deliver onto a deleted one', async () => {
      const account = await enrolled(ledger());
      const expired = await ended(ledger(), account, 'EXPIRED');
      await erase(account, expired.id);
      const late = await ledger().settle(aSettlement(expired, 'SUCCEEDED'));
      expect(late).toMatchObject({ kind: 'standing', generation: { deletedAt: AT, outputs: [] } });
      expect(await rowsIn('outputs', expired)).toBe(0);
      expect(await ledger().entries(account, [expired.id])).toHaveLength(2);
    });

    it('should leave nothing behind when a late success and the deletion come at once', async () => {
      const account = await enrolled(ledger(), null);
      const races = Array.from({ length: 20 }, async (_, n) => {
        const expired = await ended(ledger(), account, 'EXPIRED');
        const outputs = [{ ...anOutput, key: `${expired.id}/late.png` }];
        const [late, erased] = await Promise.all([
          ledger().settle(aSettlement(expired, 'SUCCEEDED', { outputs })),
          erase(account, expired.id, AT + n),
        ]);
        expect(erased).toBe('erased');
        expect(await rowsIn('outputs', expired)).toBe(0);
        const keys = outputs.map(({ key }) => key);
        const due = await dueOf(harness(), keys, AT + n);
        expect(due).toEqual(late.kind === 'written-off' ? keys : []);
      });
      await Promise.all(races);
      expect(await violationsOf(harness().audit)).toEqual([]);
    });

    it('should end as deleted, or stay whole, when the end and the deletion come at once', async () => {
      const account = await enrolled(ledger(), null);
      const races = Array.from({ length: 20 }, async () => {
        const open = await opened(ledger(), account);
        const [, answer] = await Promise.all([
          ledger().settle(aSettlement(open, 'SUCCEEDED')),
          erase(account, open.id),
        ]);
        const erased = answer === 'erased';
        expect(await rowsIn('outputs', open)).toBe(erased ? 0 : 2);
        expect((await rowsIn('prompt_words', open)) > 0).toBe(!erased);
      });
      await Promise.all(races);
    });

    it('should never charge the same request again', async () => {
      const account = await enrolled(ledger());
      const opening = anOpening(account);
      await ledger().open(opening);
      await ledger().settle(aSettlement(opening.generation, 'SUCCEEDED'));
      const again = () => {
        const { generation, requestKey } = anOpening(account, {
          requestId: opening.generation.requestId,
        });
        return ledger().open({ ...opening, generation, requestKey });
      };
      const [, ...answers] = await Promise.all([
        erase(account, opening.generation.id),
        ...Array.from({ length: 10 }, again),
      ]);
      expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['duplicate']));
      const standing = await ledger().findByRequest(account, opening.requestKey);
      expect(standing).toMatchObject({ id: opening.generation.id, deletedAt: AT, prompt: null });
      expect(await again()).toEqual({ kind: 'duplicate', generation: standing });
      expect(await balance(ledger(), account)).toMatchObject({ used: 1 });
    });

    it('should let Support give back what was deleted', async () => {
      const account = await enrolled(ledger());
      const { id } = await delivered(harness(), account);
      await erase(account, id);
      const support = { account, id, reason: 'Blurred.', actor: 'ann', at: AT + 1 };
      expect(await ledger().restorePosted(support)).toMatchObject({
        charge: 'RESTORED',
        deletedAt: AT,
      });
    });
  });

  describe('removals', () => {
    const removals = () => harness().removals;
    const keysOf = (count: number) =>
      Array.from({ length: count }, () => `files/${newAccount()}.png`);

    it('should name what is due, the longest first, until it is gone', async () => {
      const [late, early, later] = keysOf(3) as [string, string, string];
      await removals().schedule([late], -10);
      await removals().schedule([early], -20);
      await removals().schedule([later], -5);
      expect(await removals().due(-10, 10)).toEqual([early, late]);
      expect(await removals().due(-10, 1)).toEqual([early]);
      await removals().done([early, later, 'unknown']);
      expect(await removals().due(0, 10)).toEqual([late]);
      await removals().done([late]);
      expect(await removals().due(0, 10)).toEqual([]);
    });

    it('should move what is written down again', async () => {
      const keys = keysOf(2);
      await removals().schedule(keys, AT);
      await Promise.all([removals().schedule(keys, AT + 5), removals().schedule(keys, AT + 5)]);
      expect(await dueOf(harness(), keys, AT + 4)).toEqual([]);
      await removals().schedule(keys.slice(1), AT - 5);
      expect(await dueOf(harness(), keys, AT)).toEqual(keys.slice(1));
    });

    it('should take any number at once', async () => {
      const keys = keysOf(1_300);
      await removals().schedule(keys, AT);
      expect(await dueOf(harness(), keys, AT)).toHaveLength(1_300);
      await removals().done(keys);
      expect(await dueOf(harness(), keys, AT)).toEqual([]);
      await removals().schedule([], AT);
      await removals().done([]);
    });

    it('should be rid of a file once it is an output, also of a late success', async () => {
      const account = await enrolled(ledger());
      const output = { ...anOutput, key: keysOf(1)[0]!, thumbnailKey: keysOf(1)[0]! };
      const keys = [output.key, output.thumbnailKey];
      const generation = await opened(ledger(), account);
      await removals().schedule(keys, AT);
      await ledger().settle(aSettlement(generation, 'FAILED'));
      expect(await dueOf(harness(), keys, AT)).toEqual(keys);
      const success = aSettlement(generation, 'SUCCEEDED', { outputs: [output] });
      expect(await ledger().settle(success)).toMatchObject({ kind: 'written-off' });
      expect(await dueOf(harness(), keys, AT)).toEqual([]);
      const second = await opened(ledger(), account);
      await removals().schedule(keys, AT);
      await ledger().settle({ ...success, id: second.id });
      expect(await dueOf(harness(), keys, AT)).toEqual([]);
    });
  });
}
