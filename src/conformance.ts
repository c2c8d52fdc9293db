import { makeClient, Problem } from './conformance/client.js';
import { newJob } from './conformance/job.js';
import { LIFECYCLE } from './conformance/lifecycle.js';
import { Skipped, type Probe } from './conformance/probe.js';
import { startReceiver } from './conformance/receiver.js';
import { REFUSALS } from './conformance/refusals.js';

export interface ConformanceOptions {
  /** The provider's base: jobs are at `{url}/jobs`. */
  url: string;
  key: string;
  /** What the jobs ask for; the provider must serve it without inputs. */
  action: string;
  /** `whsec_…`; null: callbacks are not checked. */
  callbackSecret: string | null;
  outputOrigins: readonly string[];
  /** How long the first job may take. */
  withinMs: number;
}

export interface CheckResult {
  name: string;
  verdict: 'PASS' | 'FAIL' | 'SKIP';
  /** What holds; or what is wrong and what to do. */
  says: string;
}

/**
 * Checks, one after the other, that a provider speaks the protocol of docs/PROVIDERS.md. Makes two real jobs there. Throws when
 * the options cannot be right; whatever the provider does is a result.
 */
export async function* checkConformance(
  options: ConformanceOptions,
): AsyncGenerator<CheckResult, undefined> {
  const { url, key, action, callbackSecret } = options;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new Error('--url must be an http(s) address, such as http://localhost:9000.');
  }
  const receiver = callbackSecret === null ? null : await startReceiver(callbackSecret);
  const job = newJob(action, receiver ? { callbackUrl: receiver.url } : {});
  const ask = makeClient(url, key);
  const nothingYet = { created: false, ended: null, knowsUnknown: false };
  const probe: Probe = { ...options, ...nothingYet, ask, receiver, job };
  try {
    for (const { name, says, run } of [...LIFECYCLE, ...REFUSALS]) {
      try {
        await run(probe);
        yield { name, verdict: 'PASS', says };
      } catch (error) {
        if (error instanceof Skipped) yield { name, verdict: 'SKIP', says: error.message };
        else if (error instanceof Problem) yield { name, verdict: 'FAIL', says: error.message };
        else throw error;
      }
    }
  } finally {
    await receiver?.dispose();
  }
}

/** One line, ended by a newline. */
export function lineOf({ verdict, name, says }: CheckResult): string {
  return `${verdict}  ${name}: ${says}\n`;
}
