import sharp from 'sharp';
import type { Job, Outcome, Provider } from '../../src/provider.js';
import { bytesOf } from './provider.samples.js';

/** What a provider's own test arranges, so that one suite can ask all of them the same. */
export interface ProviderHarness {
  provider: Provider;
  /** A job of two outputs that the provider, or what stands behind it, will end this way. */
  job(ending: 'deliver' | 'deliver some' | 'fail' | 'block' | 'hang'): Job;
  /** Rejects or throws when these bytes are not a whole file of the kind the jobs ask for. Absent: they ask for pictures. */
  expectWhole?(bytes: Buffer): unknown;
  dispose(): Promise<void>;
}

export function providerContract(name: string, start: () => Promise<ProviderHarness>): void {
  describe(`${name}, as every provider`, () => {
    let harness: ProviderHarness;
    const never = (): AbortSignal => new AbortController().signal;
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(() => harness.dispose());

    async function expectWhole(outcome: Outcome, count: number): Promise<void> {
      if (outcome.kind !== 'delivered') throw new Error(outcome.failure.message);
      expect(outcome.files).toHaveLength(count);
      for (const file of outcome.files) {
        const bytes = await bytesOf(file.content);
        expect(bytes.length).toBeGreaterThan(0);
        if (harness.expectWhole) await harness.expectWhole(bytes);
        // Decoded to the last row: a cut picture rejects.
        else await sharp(bytes, { failOn: 'truncated' }).raw().toBuffer();
      }
    }

    it('should find nothing wrong with a good job, however often it is asked, and read nothing', () => {
      const read = (): never => {
        throw new Error('read before anything was taken');
      };
      const job = harness.job('deliver');
      const request = { ...job, sources: job.sources.map((source) => ({ ...source, read })) };
      const before = structuredClone({ ...job, sources: [], report: null });
      for (let time = 0; time < 2; time += 1) {
        expect(harness.provider.check?.(request) ?? null).toBeNull();
      }
      expect(structuredClone({ ...job, sources: [], report: null })).toEqual(before);
    });

    it('should deliver as many whole files as asked for', async () => {
      await expectWhole(await harness.provider.dispatch(harness.job('deliver'), never()), 2);
    });

    it('should deliver again when a job is dispatched twice', async () => {
      const job = harness.job('deliver');
      await expectWhole(await harness.provider.dispatch(job, never()), 2);
      await expectWhole(await harness.provider.dispatch(job, never()), 2);
    });

    it('should deliver the rest when a part was held back', async () => {
      await expectWhole(await harness.provider.dispatch(harness.job('deliver some'), never()), 1);
    });

    it('should tell how far it is, if it does, from 0 to 1 and never backwards', async () => {
      const reported: number[] = [];
      const job = { ...harness.job('deliver'), report: (share: number) => reported.push(share) };
      await harness.provider.dispatch(job, never());
      expect(reported).toEqual([...reported].sort((one, other) => one - other));
      expect(reported.filter((share) => !(share >= 0 && share <= 1))).toEqual([]);
    });

    it('should answer a failure in words', async () => {
      const outcome = await harness.provider.dispatch(harness.job('fail'), never());
      expect(outcome).toEqual({
        kind: 'failed',
        failure: {
          code: 'PROVIDER_FAILED',
          message: expect.stringMatching(/\w{3,}.*\.$/) as string,
          retryable: true,
        },
      });
    });

    it('should answer a block as final', async () => {
      const outcome = await harness.provider.dispatch(harness.job('block'), never());
      expect(outcome).toMatchObject({
        kind: 'blocked',
        failure: { code: 'BLOCKED', retryable: false },
      });
    });

    it('should end with the reason when the signal aborts, whatever the provider does', async () => {
      const deadline = new AbortController();
      const reason = new Error('the deadline passed');
      const dispatched = harness.provider.dispatch(harness.job('hang'), deadline.signal);
      const ended = dispatched.then(
        () => 'answered',
        (error: unknown) => error,
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      deadline.abort(reason);
      // It would hang for ever: what ends it is the signal.
      expect(await ended).toBe(reason);
    });

    it('should not begin when the signal has aborted', async () => {
      const reason = new Error('too late');
      const dispatched = harness.provider.dispatch(
        harness.job('deliver'),
        AbortSignal.abort(reason),
      );
      await expect(dispatched).rejects.toBe(reason);
    });
  });
}
