import { bytesOf, fetched, Problem } from './client.js';
import { expectEnded, type Probe } from './probe.js';

const MAX_OUTPUT_BYTES = 512 * 2 ** 20;
const OUTPUT_WITHIN_MS = 10 * 60_000;

/** The outputs of the job that has ended: their number, and that each can be fetched. */
export async function checkOutputs(probe: Probe): Promise<void> {
  const { outputs } = expectEnded(probe);
  if (!outputs || outputs.length === 0) {
    throw new Problem('It succeeded without outputs. Say failed when nothing was made.');
  }
  if (outputs.length > probe.job.outputCount) {
    throw new Problem(
      `${probe.job.outputCount} outputs were asked for, ${outputs.length} came: what is too much is thrown away. See outputCount.`,
    );
  }
  for (const { url } of outputs) await fetchOutput(probe, url);
}

async function fetchOutput({ url: base, key, outputOrigins }: Probe, url: string): Promise<void> {
  const own = new URL(base).origin;
  if (!URL.canParse(url, own)) throw new Problem(`The output's url ${url} is no address.`);
  const { href, origin } = new URL(url, own);
  if (origin !== own && !outputOrigins.includes(origin)) {
    throw new Problem(
      `An output lies at ${origin}. Serve it from ${own}, or have ${origin} listed (here: --output-origin).`,
    );
  }
  const headers: Record<string, string> = origin === own ? { authorization: `Bearer ${key}` } : {};
  const what = 'GET of an output';
  const response = await fetched(href, what, { headers }, OUTPUT_WITHIN_MS);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Problem(
      `${what} answered ${response.status}. Answer 200 with the file; redirects are not followed.`,
    );
  }
  const bytes = await bytesOf(response, what, MAX_OUTPUT_BYTES);
  if (bytes === 0) throw new Problem(`${what} answered no bytes.`);
  if (bytes > MAX_OUTPUT_BYTES) throw new Problem(`${what} answered more than 512 MiB.`);
}
