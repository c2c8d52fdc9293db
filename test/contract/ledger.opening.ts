import { v7 as uuidv7 } from 'uuid';
import type { Ledger, OpenAnswer } from '../../src/ledger.js';
import {
  START,
  allOf,
  anOpening,
  aSubscription,
  balance,
  enrolled,
  keyOf,
  newAccount,
  opened,
} from './ledger.samples.js';
import type { LedgerHarness } from './ledger.samples.js';

const countOf = (answers: OpenAnswer[], kind: OpenAnswer['kind']) =>
  answers.filter((answer) => answer.kind === kind).length;

export function describeOpening(ledger: () => Ledger, harness: () => LedgerHarness): void {
  describe('opening', () => {
    it('should keep the generation as it was given, and hold its unit', async () => {
      const account = await enrolled(ledger());
      const { epoch } = await balance(ledger(), account);
      const opening = anOpening(account, { prompt: '✨ naïve '.repeat(1_700).slice(0, 16_000) });
      const { id } = opening.generation;
      expect(await ledger().open(opening)).toMatchObject({ kind: 'opened', epoch });
      expect(await ledger().find(account, id)).toEqual(opening.generation);
      expect(await ledger().locate(id)).toEqual(opening.generation);
      expect(await ledger().findByRequest(account, opening.requestKey)).toEqual(opening.generation);
      expect(await ledger().entries(account, [id])).toEqual([
        expect.objectContaining({ subject: id, kind: 'HOLD', units: 1, actor: 'system' }),
      ]);
      expect(await balance(ledger(), account)).toMatchObject({
        used: 1,
        held: 1,
        holds: [{ generationId: id, units: 1, at: opening.generation.createdAt }],
      });
    });

    it('should answer a repeat of the same open as opened, and charge once', async () => {
      const account = await enrolled(ledger());
      const opening = anOpening(account);
      const answers = [await ledger().open(opening), await ledger().open(opening)];
      expect(countOf(answers, 'opened')).toBe(2);
      expect(await balance(ledger(), account)).toMatchObject({ used: 1, held: 1 });
    });

    it('should let one of 200 concurrent opens of one request through', async () => {
      const account = await enrolled(ledger());
      const requestKey = keyOf('one press');
      const openings = Array.from({ length: 200 }, () => anOpening(account, {}, { requestKey }));
      const answers = await Promise.all(openings.map((opening) => ledger().open(opening)));
      expect(countOf(answers, 'opened')).toBe(1);
      expect(countOf(answers, 'duplicate')).toBe(199);
      const ids = answers.map((answer) => 'generation' in answer && answer.generation.id);
      expect(new Set(ids).size).toBe(1);
      expect(await balance(ledger(), account)).toMatchObject({ used: 1, held: 1 });
    });

    it('should let 10 of 1,000 concurrent opens through on a limit of 10', async () => {
      const account = await enrolled(ledger());
      const openings = Array.from({ length: 1_000 }, () => anOpening(account));
      const answers = await Promise.all(openings.map((opening) => ledger().open(opening)));
      expect(countOf(answers, 'opened')).toBe(10);
      expect(countOf(answers, 'exhausted')).toBe(990);
      expect(await balance(ledger(), account)).toMatchObject({ used: 10, held: 10 });
    });

    it('should end all concurrent opens of one request at zero remaining as exhausted', async () => {
      const account = await enrolled(ledger(), 0);
      const requestKey = keyOf('refused');
      const openings = Array.from({ length: 100 }, () => anOpening(account, {}, { requestKey }));
      const answers = await Promise.all(openings.map((opening) => ledger().open(opening)));
      expect(countOf(answers, 'exhausted')).toBe(100);
    });

    it('should leave no trace of a refused open', async () => {
      const account = await enrolled(ledger(), 0);
      const opening = anOpening(account);
      expect(await ledger().open(opening)).toEqual({ kind: 'exhausted' });
      expect(await ledger().find(account, opening.generation.id)).toBeNull();
      expect(await ledger().entries(account, [opening.generation.id])).toEqual([]);
    });

    it('should refuse an open without a period row', async () => {
      const account = await enrolled(ledger());
      const answer = await ledger().open(anOpening(account, { period: { term: 0, index: 1 } }));
      expect(answer).toEqual({ kind: 'no-period' });
      expect(await ledger().open(anOpening(newAccount()))).toEqual({ kind: 'no-period' });
    });

    it('should refuse nothing on an unlimited plan', async () => {
      const account = await enrolled(ledger(), null);
      for (let n = 0; n < 15; n++) await opened(ledger(), account);
      expect(await balance(ledger(), account)).toMatchObject({ limit: null, used: 15 });
    });

    it('should record a free generation without an entry or a unit', async () => {
      const account = await enrolled(ledger(), 0);
      const { id } = await opened(ledger(), account, { units: 0, charge: 'FREE' });
      expect(await ledger().find(account, id)).toMatchObject({ charge: 'FREE', units: 0 });
      expect(await ledger().entries(account, [id])).toEqual([]);
      expect(await balance(ledger(), account)).toMatchObject({ used: 0, held: 0, holds: [] });
    });

    it('should mark the account stale when no gate was asked, with a new epoch', async () => {
      const account = await enrolled(ledger());
      const before = (await balance(ledger(), account)).epoch;
      const answer = await ledger().open(anOpening(account, {}, { withoutGate: true }));
      expect(answer).toMatchObject({ kind: 'opened', epoch: before + 1 });
      expect(await ledger().stale(1_000, null)).toContainEqual({
        account,
        at: START + 10,
      });
    });

    it('should tell accounts apart that differ in case, trailing space or accent', async () => {
      const base = newAccount();
      for (const account of [base, base.toUpperCase(), `${base} `, `${base}é`, `${base}e`]) {
        expect(await ledger().subscription(account)).toBeNull();
        await ledger().enroll(aSubscription(account), START);
        await opened(ledger(), account, { units: 0, id: uuidv7() }, { requestKey: keyOf('same') });
        expect(await allOf(harness(), account)).toHaveLength(1);
      }
    });
  });
}
