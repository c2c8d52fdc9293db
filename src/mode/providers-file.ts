import { z } from 'zod';
import { parseDuration } from '../domain/duration.js';
import type { SecretOf } from '../env.js';
import { DEFAULT_VOICE } from '../env/variables.js';
import type { Endpoint } from '../provider/openai/endpoint.js';

/** One provider of PROVIDERS_FILE, with its secrets in place. */
export type ConfiguredProvider = OpenAiEntry | HttpEntry;

interface OpenAiEntry extends Endpoint {
  type: 'openai';
}

interface HttpEntry {
  type: 'http';
  name: string;
  url: string;
  key: string;
  callbackSecret: string | null;
  outputOrigins: string[];
  pollMs: number;
}

/** A providers file that cannot be used; the message names every error with its place in the file. */
export class ProvidersFileError extends Error {
  override readonly name = 'ProvidersFileError';
  constructor(readonly errors: readonly string[]) {
    super(
      `It has ${errors.length} error${errors.length === 1 ? '' : 's'}:` +
        errors.map((error) => `\n  ${error}`).join(''),
    );
  }
}

// `upload` stands in the ledger for what people bring themselves.
const RESERVED: readonly string[] = ['sketch', 'builtin', 'upload'];
const MAX_PROVIDERS = 32;
const MAX_ORIGINS = 16;
const [MIN_POLL_MS, MAX_POLL_MS, DEFAULT_POLL_MS] = [1_000, 15_000, 2_000];

const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}$/,
    'use up to 32 lower-case letters, digits and dashes, such as "studio"',
  )
  .refine((text) => !RESERVED.includes(text), "this name is the gateway's own; choose another");
const model = z.string().trim().min(1).max(100);
const url = z
  .string()
  .refine(isBase, 'must be an http(s) address without a user name, ? or #')
  .transform((text) => text.replace(/\/+$/, ''));
const origin = z
  .string()
  .refine(
    (text) => isBase(text) && new URL(text).origin === text,
    'must be scheme and host only, such as "https://cdn.example.com"',
  );
const poll = z
  .string()
  .transform((text) => parseDuration(text) ?? 0)
  .refine((ms) => ms >= MIN_POLL_MS && ms <= MAX_POLL_MS, {
    error: 'must be a duration from 1s to 15s, such as "2s"',
  });

function isBase(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username + password + search + hash === '';
}

function fileSchema(secretOf: SecretOf) {
  const secret = z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of an environment variable, in capitals')
    .transform((variable, context) => {
      const value = secretOf(variable);
      if (value !== null) return value;
      context.addIssue(
        `the environment variable ${variable} is not set, or is a setting of the gateway itself`,
      );
      return z.NEVER;
    });
  const openAi = z
    .strictObject({
      name,
      type: z.literal('openai'),
      url,
      keyEnv: secret,
      imageModel: model.optional(),
      speechModel: model.optional(),
      voice: z.string().min(1).max(64).optional(),
    })
    .transform(({ keyEnv, imageModel = null, speechModel = null, voice, ...rest }): OpenAiEntry => {
      return { ...rest, key: keyEnv, imageModel, speechModel, voice: voice ?? DEFAULT_VOICE };
    });
  const http = z
    .strictObject({
      name,
      type: z.literal('http'),
      url,
      keyEnv: secret,
      callbackSecretEnv: secret.optional(),
      outputOrigins: z.array(origin).max(MAX_ORIGINS).default([]),
      pollEvery: poll.default(DEFAULT_POLL_MS),
    })
    .transform(({ keyEnv, callbackSecretEnv = null, pollEvery, ...rest }): HttpEntry => {
      return { ...rest, key: keyEnv, callbackSecret: callbackSecretEnv, pollMs: pollEvery };
    });
  const provider = z.discriminatedUnion('type', [openAi, http], {
    error: 'must be "openai" or "http"',
  });
  return z.strictObject({ providers: z.array(provider).max(MAX_PROVIDERS) });
}

/**
 * Reads the parsed JSON of a providers file. Secrets are in it by the name of their environment variable only. `taken` are
 * names that the environment has given out already. Throws `ProvidersFileError` with all errors at once.
 */
export function parseProvidersFile(
  json: unknown,
  secretOf: SecretOf,
  taken: readonly string[] = [],
): ConfiguredProvider[] {
  const parsed = fileSchema(secretOf).safeParse(json);
  const malformed = parsed.error?.issues.map(({ path, message }) => at(path, message)) ?? [];
  const errors = [...malformed, ...contradictions(json, taken)];
  if (!parsed.success || errors.length > 0) throw new ProvidersFileError(errors);
  return parsed.data.providers;
}

// Whatever is well-formed, whatever else is wrong: so that these errors are named together with those of form.
const outline = z
  .object({
    providers: z.array(
      z
        .looseObject({ name: z.unknown(), type: z.unknown() })
        .catch({ name: undefined, type: undefined }),
    ),
  })
  .catch({ providers: [] });

function contradictions(json: unknown, taken: readonly string[]): string[] {
  const { providers } = outline.parse(json);
  return providers.flatMap((provider, index) => {
    const problems: [string, string][] = [];
    const first = providers.findIndex((other) => other.name === provider.name);
    if (typeof provider.name === 'string') {
      if (first < index) problems.push(['name', `"${provider.name}" is taken by entry ${first}`]);
      if (taken.includes(provider.name)) {
        problems.push(['name', `"${provider.name}" is taken by what OPENAI_API_KEY stands for`]);
      }
    }
    if (provider.type === 'openai') {
      if (provider.speechModel === undefined && provider.imageModel === undefined) {
        problems.push(['imageModel', 'name an imageModel, a speechModel, or both']);
      }
      if (provider.speechModel === undefined && provider.voice !== undefined) {
        problems.push(['voice', 'needs a speechModel']);
      }
    }
    return problems.map(([key, message]) => at(['providers', index, key], message));
  });
}

function at(path: readonly PropertyKey[], message: string): string {
  return path.length === 0 ? message : `${z.core.toDotPath(path)}: ${message}`;
}
