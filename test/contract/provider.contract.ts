import sharp from 'sharp';
import type { Job, Provider } from '../../src/provider.js';

/** What a provider's own test arranges, so that one suite can ask all of them the same. */
export interface ProviderHarness {
  provider: Provider;
  /** A job of two outputs that the provider, or what stands behind it, will end this way. */
  job(ending: 'deliver' | 'deliver some' | 'fail' | 'block' | 'hang'): Job;
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

    it('should find nothing wrong with a good job', () => {
      expect(harness.provider.check?.(harness.job('deliver')) ?? null).toBeNull();
    });

    it('should deliver as many whole pictures as asked for, and say what they are', async () => {
      const outcome = await harness.provider.dispatch(harness.job('deliver'), never());
      if (outcome.kind !== 'delivered') throw new Error(outcome.kind);
      expect(outcome.files).toHaveLength(2);
      for (const file of outcome.files) {
        const { data, info } = await sharp(file.bytes).raw().toBuffer({ resolveWithObject: true });
        expect(data.length).toBeGreaterThan(0);
        expect([info.width, info.height]).toEqual([file.width, file.height]);
        expect(file.contentType).toBe('image/png');
        expect(file.durationMs).toBeNull();
      }
    });

    it('should deliver again when a job is dispatched twice', async () => {
      const job = harness.job('deliver');
      await harness.provider.dispatch(job, never());
      const outcome = await harness.provider.dispatch(job, never());
      expect(outcome.kind).toBe('delivered');
    });

    it('should deliver the rest when a part was held back', async () => {
      const outcome = await harness.provider.dispatch(harness.job('deliver some'), never());
      expect(outcome).toMatchObject({ kind: 'delivered', files: [{ contentType: 'image/png' }] });
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
