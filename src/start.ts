import { basename } from 'node:path';
import { makeApp } from './app.js';
import { makeAuthenticate, type Trust } from './auth.js';
import type { Clock } from './clock.js';
import type { Env } from './env.js';
import { mintToken, trustOf } from './keys.js';
import { makeLinks, outputLink } from './links.js';
import type { Log } from './log.js';
import { compose } from './mode.js';
import { makeServer, type Server } from './server.js';
import { makePages } from './web.js';

/** A gateway that answers requests. */
export interface Running {
  url: string;
  /** What a person who starts it wants to know first; ends with a newline. */
  banner: string;
  /** Stops accepting, waits up to DRAIN for what is in flight, hands the rest back and closes everything. */
  stop(): Promise<void>;
}

const DEMO_TOKEN_MS = 24 * 3_600_000;

/** Starts a gateway. Throws, with nothing left open, when something is missing or the port is taken. */
export async function start(env: Env, log: Log, clock: Clock): Promise<Running> {
  const trust = await trustOf(env);
  const composition = await compose(env, log, clock);
  const { core, linksKey } = composition;
  const links = makeLinks({ key: linksKey, clock });
  // Known once it listens; nothing is dispatched before.
  let baseUrl = env.publicUrl ?? '';
  const linkTo = (key: string): string =>
    links.sign(outputLink({ key, name: basename(key), download: false }), baseUrl);
  const app = makeApp({ ...core, linkTo });
  let server: Server | undefined;

  async function stop(): Promise<void> {
    try {
      // First the callers, so that nothing is admitted any more, then what runs; both within DRAIN.
      const endsAt = clock.now() + env.drainMs;
      await server?.dispose(env.drainMs);
      await app.drain(Math.max(0, endsAt - clock.now()));
    } finally {
      await composition.dispose();
    }
  }

  try {
    server = makeServer({
      app,
      authenticate: makeAuthenticate({ ...trust, clock }),
      assets: core.assets,
      links,
      pages: makePages({ explorer: env.explorer }),
      ready: () => composition.ready(),
      clock,
      log,
      publicUrl: env.publicUrl,
      introspection: env.introspection,
    });
    const { url } = await server.listen(env.port, env.host).catch((error: unknown) => {
      throw new Error(whyNotListening(env, error), { cause: error });
    });
    if (env.publicUrl === null) baseUrl = url;
    app.start();
    log.info({ url, mode: env.mode }, 'ready');
    const { demoAccount } = composition;
    const banner = await bannerOf(env, trust, demoAccount, env.publicUrl ?? url, clock);
    return { url, banner, stop };
  } catch (error) {
    server = undefined; // It listens to nothing.
    await stop();
    throw error;
  }
}

/** With a token to begin with where there is an account to try things with, and its tokens are signed here. */
async function bannerOf(
  env: Env,
  { keys, issuer, audience }: Trust,
  account: string | null,
  url: string,
  clock: Clock,
): Promise<string> {
  if (account === null || 'jwksUrl' in keys) {
    return `genquota is ready: ${url}/ (GraphQL: ${url}/graphql)\n\n`;
  }
  const { token } = await mintToken({
    secret: keys.secret,
    account,
    operator: false,
    expiresInMs: DEMO_TOKEN_MS,
    issuer,
    audience,
    clock,
  });
  return `genquota is ready; everything is in ${env.dataDir}

  Open     ${url}/#token=${token}
  GraphQL  ${url}/graphql
  Account  ${account}
  Token    ${token}

A token for another account: npx genquota token --account NAME

`;
}

function whyNotListening({ port, host }: Env, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return `PORT ${port} on ${host} is in use: stop what has it, or set another PORT (0: any free one).`;
  }
  if (code === 'EACCES') return `PORT ${port} needs more rights: set one above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `HOST ${host} is not an address of this machine: set 127.0.0.1, or 0.0.0.0 for all.`;
  }
  return `Cannot listen on ${host}, port ${port}: ${message}`;
}
