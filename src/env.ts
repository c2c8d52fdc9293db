import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { s3Conflicts, s3Of } from './env/outputs-url.js';
import type { S3Credentials } from './env/outputs-url.js';
import { servingShape, storesShape } from './env/variables.js';
import type { LOG_LEVELS, ServingVariables, StoresVariables } from './env/variables.js';

/** What `serve` runs from. Frozen; durations in milliseconds. */
export type Env = (EmbeddedStores | ServiceStores) & Serving;

/** Where the ledger and the gate are: all that `migrate` and `audit` need, so they run without any signing secret. */
export type Stores = EmbeddedStores | ServiceStores;

export interface CommonStores {
  /** Absolute. In embedded mode it holds ledger, key and outputs, and belongs to one process. */
  dataDir: string;
  logLevel: (typeof LOG_LEVELS)[number];
  /** Age at which a take without a ledger row is dropped from the gate. */
  healAfterMs: number;
}

export interface EmbeddedStores extends CommonStores {
  mode: 'embedded';
}

export interface ServiceStores extends CommonStores {
  mode: 'service';
  mysqlUrl: string;
  redisUrl: string;
}

export interface Serving {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Null: an account never seen before is refused. */
  defaultPlan: string | null;
  catalogFile: string;
  auth: AuthSettings;
  /** Longest time from acceptance to an end state, unless the action has its own. */
  deadlineMs: number;
  leaseMs: number;
  /** How long `serve` waits for what is in flight before it ends. */
  drainMs: number;
  /** Generations dispatched at once by this process. */
  slots: number;
  /** `file:///directory`, or `s3://bucket[/prefix][?endpoint=…&region=…]`. */
  outputsUrl: string;
  /** Null: outputs do not lie in a bucket, or the machine itself has what signs requests. */
  s3: S3Credentials | null;
  /** Where people reach this gateway, without a trailing slash; null: the address it listens on. */
  publicUrl: string | null;
  migrate: boolean;
  introspection: boolean;
  explorer: boolean;
  selfServicePlans: boolean;
  /** The provider `openai`. Null: no OPENAI_API_KEY. */
  openAi: OpenAiSettings | null;
  /** Absolute; null: no other providers. */
  providersFile: string | null;
  /**
   * The value of a variable that PROVIDERS_FILE names; null when it is not set. Null for the gateway's own secrets, too: no
   * file may have them sent to a provider.
   */
  secretOf: SecretOf;
}

export interface OpenAiSettings {
  key: string;
  url: string;
  imageModel: string;
  speechModel: string;
  voice: string;
}

export type SecretOf = (variable: string) => string | null;

export interface AuthSettings {
  /** `local`: a key of its own in DATA_DIR. */
  keys: { from: 'secret'; secret: string } | { from: 'jwks'; url: string } | { from: 'local' };
  issuer: string | null;
  audience: string | null;
}

type Variables = Record<string, string | undefined>;

/** Names every wrong variable at once, with what would be right. Never quotes a value that may hold a secret. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not right:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** What `serve` and `token` run from. Unknown names are kept for `secretOf` only, empty values count as unset. Throws `EnvError`. */
export function parseEnv(record: Variables): Env {
  const variables = check({ ...storesShape, ...servingShape }, record, (given) => [
    ...storesConflicts(given),
    ...authConflicts(given),
    ...s3Conflicts(given),
  ]);
  const stores = storesOf(variables);
  const secretOf = secretsIn(record);
  return Object.freeze({ ...stores, ...servingOf(variables, stores), secretOf });
}

/** What `migrate` and `audit` run from. Throws `EnvError`. */
export function parseStores(record: Variables): Stores {
  return Object.freeze(storesOf(check(storesShape, record, storesConflicts)));
}

function check<Shape extends z.ZodRawShape>(
  shape: Shape,
  record: Variables,
  conflicts: (given: Variables) => string[],
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ''));
  const parsed = z.object(shape).safeParse(given);
  const wrong = parsed.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const problems = [...new Set(wrong), ...conflicts(given)];
  if (!parsed.success || problems.length > 0) throw new EnvError(problems);
  return parsed.data;
}

function storesConflicts(given: Variables): string[] {
  const problems: string[] = [];
  if (given.MYSQL_URL && !given.REDIS_URL) {
    problems.push(
      'REDIS_URL: service mode needs it beside MYSQL_URL; unset both for embedded mode',
    );
  }
  if (given.REDIS_URL && !given.MYSQL_URL) {
    problems.push(
      'MYSQL_URL: service mode needs it beside REDIS_URL; unset both for embedded mode',
    );
  }
  return problems;
}

function authConflicts(given: Variables): string[] {
  if (given.AUTH_SECRET && given.AUTH_JWKS_URL) {
    return ['AUTH_SECRET, AUTH_JWKS_URL: set one of them, not both'];
  }
  const service = given.MYSQL_URL ?? given.REDIS_URL;
  if (service && !given.AUTH_SECRET && !given.AUTH_JWKS_URL) {
    return [
      'AUTH_SECRET, AUTH_JWKS_URL: service mode needs one of them, to know whose tokens to trust',
    ];
  }
  return [];
}

function storesOf(variables: StoresVariables): Stores {
  const common = {
    dataDir: resolve(variables.DATA_DIR),
    logLevel: variables.LOG_LEVEL,
    healAfterMs: variables.HEAL_AFTER,
  };
  const { MYSQL_URL: mysqlUrl, REDIS_URL: redisUrl } = variables;
  return mysqlUrl && redisUrl
    ? { mode: 'service', mysqlUrl, redisUrl, ...common }
    : { mode: 'embedded', ...common };
}

function servingOf(variables: ServingVariables, stores: Stores): Omit<Serving, 'secretOf'> {
  const embedded = stores.mode === 'embedded';
  const development = variables.NODE_ENV !== 'production';
  return {
    port: variables.PORT,
    host: variables.HOST,
    defaultPlan: variables.DEFAULT_PLAN ?? (embedded ? 'core' : null),
    catalogFile: resolve(variables.CATALOG_FILE),
    auth: authOf(variables),
    deadlineMs: variables.GENERATION_DEADLINE,
    leaseMs: variables.LEASE,
    drainMs: variables.DRAIN,
    slots: variables.SLOTS,
    outputsUrl: variables.OUTPUTS_URL ?? pathToFileURL(resolve(stores.dataDir, 'outputs')).href,
    s3: s3Of(variables),
    publicUrl: variables.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    migrate: variables.MIGRATE,
    introspection: variables.INTROSPECTION ?? development,
    explorer: variables.EXPLORER ?? development,
    selfServicePlans: variables.SELF_SERVICE_PLANS ?? embedded,
    openAi: openAiOf(variables),
    providersFile: variables.PROVIDERS_FILE ? resolve(variables.PROVIDERS_FILE) : null,
  };
}

function authOf(variables: ServingVariables): AuthSettings {
  const { AUTH_SECRET: secret, AUTH_JWKS_URL: jwksUrl } = variables;
  let keys: AuthSettings['keys'] = { from: 'local' };
  if (secret) keys = { from: 'secret', secret };
  if (jwksUrl) keys = { from: 'jwks', url: jwksUrl };
  return Object.freeze({
    keys: Object.freeze(keys),
    issuer: variables.AUTH_ISSUER ?? null,
    audience: variables.AUTH_AUDIENCE ?? null,
  });
}

function openAiOf(variables: ServingVariables): Serving['openAi'] {
  if (!variables.OPENAI_API_KEY) return null;
  return Object.freeze({
    key: variables.OPENAI_API_KEY,
    url: variables.OPENAI_BASE_URL.replace(/\/+$/, ''),
    imageModel: variables.OPENAI_MODEL,
    speechModel: variables.OPENAI_SPEECH_MODEL,
    voice: variables.OPENAI_VOICE,
  });
}

// The one secret of the gateway's own that is a provider's key.
const SHAREABLE = 'OPENAI_API_KEY';

function secretsIn(record: Variables): SecretOf {
  const own = new Set(Object.keys({ ...storesShape, ...servingShape }));
  own.delete(SHAREABLE);
  const given = new Map(
    Object.entries(record).filter(([variable, value]) => value !== '' && !own.has(variable)),
  );
  return (variable) => given.get(variable) ?? null;
}
