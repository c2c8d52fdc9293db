import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseDuration } from '../domain/duration.js';
import { RESTORE_WITHIN_MS } from '../domain/generation.js';
import { outputsUrl } from './outputs-url.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** Who speaks for an OpenAI-compatible provider that is not told otherwise. */
export const DEFAULT_VOICE = 'alloy';
const MYSQL_EXPECTED = 'expected a URL like mysql://user:password@host:3306/database';
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
// A shorter one can be guessed offline from a single token.
const SECRET_MIN_CHARS = 16;
// From src/env/, and compiled from dist/src/env/: the first that is there.
const SHIPPED_CATALOGS = ['../../catalog.json', '../../../catalog.json'].map((step) =>
  fileURLToPath(new URL(step, import.meta.url)),
);

function whole(least: number, most: number): z.ZodType<number, string> {
  const expected = `expected a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected);
}

function duration(leastMs: number, mostMs: number, range: string): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const parsedMs = parseDuration(text);
    if (parsedMs !== null && parsedMs >= leastMs && parsedMs <= mostMs) return parsedMs;
    context.addIssue(`expected a duration like 30s, 10m or 2h, ${range}`);
    return z.NEVER;
  });
}

function url(expected: string, ...protocols: readonly string[]): z.ZodType<string, string> {
  return z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), expected);
}

function isMysql(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname } = new URL(text);
  return protocol === 'mysql:' && hostname !== '' && /^\/[^/]+$/.test(pathname);
}

const flag = z.stringbool({ error: 'expected true or false' });
const webUrl = (example: string) => url(`expected a URL like ${example}`, 'http:', 'https:');

/** Where the ledger and the gate are. */
export const storesShape = {
  MYSQL_URL: z.string().refine(isMysql, MYSQL_EXPECTED).optional(),
  REDIS_URL: url('expected a URL like redis://host:6379', 'redis:', 'rediss:').optional(),
  DATA_DIR: z.string().default('.genquota'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(', ')}` })
    .default('info'),
  HEAL_AFTER: duration(SECOND_MS, HOUR_MS, 'from 1s to 1h').prefault('45s'),
};

/** Everything else that `serve` reads. */
export const servingShape = {
  PORT: whole(0, 65_535).prefault('4000'),
  HOST: z.string().default('127.0.0.1'),
  DEFAULT_PLAN: z.string().optional(),
  CATALOG_FILE: z.string().default(() => SHIPPED_CATALOGS.find(existsSync) ?? 'catalog.json'),
  AUTH_SECRET: z
    .string()
    .min(
      SECRET_MIN_CHARS,
      `expected at least ${SECRET_MIN_CHARS} characters; make one with: openssl rand -base64 32`,
    )
    .optional(),
  AUTH_JWKS_URL: webUrl('https://id.example.com/.well-known/jwks.json').optional(),
  AUTH_ISSUER: z.string().optional(),
  AUTH_AUDIENCE: z.string().optional(),
  GENERATION_DEADLINE: duration(SECOND_MS, RESTORE_WITHIN_MS, 'from 1s to 2h').prefault('10m'),
  LEASE: duration(SECOND_MS, HOUR_MS, 'from 1s to 1h').prefault('30s'),
  DRAIN: duration(0, HOUR_MS, 'at most 1h').prefault('20s'),
  SLOTS: whole(1, 10_000).prefault('64'),
  OUTPUTS_URL: outputsUrl.optional(),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
  PUBLIC_URL: webUrl('https://gen.example.com').optional(),
  MIGRATE: flag.prefault('true'),
  NODE_ENV: z.string().optional(),
  INTROSPECTION: flag.optional(),
  EXPLORER: flag.optional(),
  SELF_SERVICE_PLANS: flag.optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: webUrl('https://api.openai.com/v1').prefault('https://api.openai.com/v1'),
  OPENAI_MODEL: z.string().default('gpt-image-1'),
  OPENAI_SPEECH_MODEL: z.string().default('gpt-4o-mini-tts'),
  OPENAI_VOICE: z.string().default(DEFAULT_VOICE),
  PROVIDERS_FILE: z.string().optional(),
};

export type StoresVariables = z.output<z.ZodObject<typeof storesShape>>;
export type ServingVariables = z.output<z.ZodObject<typeof servingShape>>;
