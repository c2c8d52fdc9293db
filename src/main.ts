#!/usr/bin/env node
import { Command } from 'commander';
import { systemClock } from './clock.js';
import { parseDuration } from './domain/duration.js';
import { parseEnv, parseStores } from './env.js';
import { mintToken, trustOf } from './keys.js';
import { makeLogger } from './pino.js';
import { reportInWords } from './report.js';

// Commands load what they need when they run: `token` answers in a fifth of the time that loading a server takes.

// npm hands on a Ctrl-C that the terminal has sent to both: two signals within this time are one.
const SAME_SIGNAL_MS = 250;
// What DRAIN does not cover: closing connections. After that the process ends whatever hangs.
const CLOSE_MS = 5_000;
const PARENT_LOOK_MS = 500;
// An open generation is a violation this long after its deadline: recovery looks every few seconds, not at the instant.
const AUDIT_GRACE_MS = 60_000;

interface Json {
  json?: true;
}

const program = new Command('genquota')
  .description('A GraphQL gateway that meters AI generations. Configured by environment variables.')
  .showHelpAfterError();

program.command('serve').description('run the gateway').action(serve);

program
  .command('token')
  .description('print a bearer token signed with AUTH_SECRET or the local key')
  .requiredOption('--account <id>', "the token's account")
  .option('--operator', 'may act for every account')
  .option('--expires <duration>', 'how long it works, such as 30s, 10m or 2h', '1h')
  .option('--json', 'print JSON')
  .action(token);

program
  .command('migrate')
  .description("bring the ledger's tables up to date")
  .option('--json', 'print JSON')
  .action(migrate);

program
  .command('audit')
  .description('check ledger and gate against the invariants; exits 1 on any violation')
  .option('--json', 'print JSON')
  .action(audit);

program
  .command('schema')
  .description('print the GraphQL schema')
  .action(async () => {
    const { schemaSdl } = await import('./graphql/schema.js');
    print(schemaSdl());
  });

program
  .command('conformance')
  .description('check a provider of your own against docs/PROVIDERS.md; exits 1 when it fails')
  .requiredOption('--url <address>', 'its base, such as http://localhost:9000')
  .requiredOption('--key <key>', 'the bearer key it expects')
  .option('--action <id>', 'an action it serves without inputs', 'image.generate')
  .option('--callback-secret <secret>', 'check callbacks, too: whsec_…')
  .option('--output-origin <origin...>', 'where outputs may lie besides its own origin')
  .option('--within <duration>', 'how long a job may take', '5m')
  .option('--json', 'print JSON')
  .action(conformance);

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `genquota schema | head` closes the pipe early; that is no fault.
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`genquota: ${inWords(error)}\n`);
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const env = parseEnv(process.env);
  const log = makeLogger(env.logLevel);
  const { start } = await import('./start.js');
  const running = await start(env, log, systemClock);
  print(running.banner);
  let endingSince: number | undefined;

  function end(exitCode: number): void {
    if (endingSince !== undefined) return;
    endingSince = Date.now();
    process.exitCode = exitCode;
    const late = setTimeout(() => {
      log.fatal({}, 'not drained in time');
      process.exit(1);
    }, env.drainMs + CLOSE_MS);
    running.stop().then(
      () => {
        clearTimeout(late);
        log.info({}, 'stopped');
        process.exit();
      },
      (error: unknown) => {
        log.fatal({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  }

  // npm's shell dies of a signal without handing it on: what it started would live on with the port and DATA_DIR.
  if (process.env.npm_lifecycle_event === 'start') {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) end(0);
    }, PARENT_LOOK_MS).unref();
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (endingSince !== undefined && Date.now() - endingSince > SAME_SIGNAL_MS) process.exit(1);
      log.info({ signal, drainMs: env.drainMs }, 'stopping; a second signal ends at once');
      end(0);
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, event);
      process.exitCode = 1;
      end(1);
    });
  }
}

async function token(
  options: { account: string; operator?: true; expires: string } & Json,
): Promise<void> {
  const expiresInMs = parseDuration(options.expires);
  if (!expiresInMs) throw new Error('--expires: expected a duration like 30s, 10m or 2h');
  const { keys, issuer, audience } = await trustOf(parseEnv(process.env));
  if ('jwksUrl' in keys) {
    throw new Error(
      'Tokens come from where AUTH_JWKS_URL points: get one there. Only AUTH_SECRET or the local key can sign here.',
    );
  }
  const { account, operator = false } = options;
  const minting = { secret: keys.secret, account, operator, expiresInMs, issuer, audience };
  const minted = await mintToken({ ...minting, clock: systemClock });
  const expiresAt = new Date(minted.expiresAt).toISOString();
  const facts = { token: minted.token, account, operator, expiresAt };
  print(options.json ? json(facts) : `${minted.token}\n`);
}

async function migrate(options: Json): Promise<void> {
  const stores = parseStores(process.env);
  const { migrateLedger } = await import('./mode.js');
  const ran = await migrateLedger(stores, makeLogger(stores.logLevel));
  const words = ran.length === 0 ? 'The ledger is up to date.' : `Migrated: ${ran.join(', ')}`;
  print(options.json ? json({ mode: stores.mode, ran }) : `${words}\n`);
}

async function audit(options: Json): Promise<void> {
  const stores = parseStores(process.env);
  const { openBooks } = await import('./mode.js');
  const { audit: check } = await import('./app/audit.js');
  const books = await openBooks(stores, makeLogger(stores.logLevel));
  try {
    const report = await check({
      ledgerAudit: books.ledgerAudit,
      gate: books.gate,
      clock: systemClock,
      graceMs: AUDIT_GRACE_MS,
      healAfterMs: stores.healAfterMs,
    });
    print(options.json ? json({ mode: stores.mode, ...report }) : reportInWords(report));
    if (!report.ok) process.exitCode = 1;
  } finally {
    await books.dispose();
  }
}

async function conformance(
  options: {
    url: string;
    key: string;
    action: string;
    callbackSecret?: string;
    outputOrigin?: string[];
    within: string;
  } & Json,
): Promise<void> {
  const withinMs = parseDuration(options.within);
  if (!withinMs) throw new Error('--within: expected a duration like 30s, 10m or 2h');
  const { url, key, action, callbackSecret = null, outputOrigin: outputOrigins = [] } = options;
  const { checkConformance, lineOf } = await import('./conformance.js');
  const checks = [];
  const run = checkConformance({ url, key, action, callbackSecret, outputOrigins, withinMs });
  for await (const check of run) {
    checks.push(check);
    if (!options.json) print(lineOf(check));
  }
  const ok = checks.every(({ verdict }) => verdict !== 'FAIL');
  if (options.json) print(json({ ok, checks }));
  if (!ok) process.exitCode = 1;
}

/** With what is behind it: whoever starts this has to know that it was the password. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  const why = cause === undefined ? message : inWords(cause);
  return message.includes(why) ? message : `${message} (${why})`;
}

function json(facts: object): string {
  return `${JSON.stringify(facts)}\n`;
}

function print(text: string): void {
  process.stdout.write(text);
}
