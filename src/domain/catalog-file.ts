import { z } from 'zod';
import type { Catalog } from './catalog.js';
import { contradictions } from './catalog-rules.js';
import { parseDuration } from './duration.js';
import { RESTORE_WITHIN_MS } from './generation.js';

/** A catalogue file that cannot be used; the message names every error with its place in the file. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';
  constructor(readonly errors: readonly string[]) {
    super(
      `The catalogue has ${errors.length} error${errors.length === 1 ? '' : 's'}:` +
        errors.map((error) => `\n  ${error}`).join(''),
    );
  }
}

// GraphQL's Int ends at 2^31 - 1; limit and grants together have to fit.
const MAX_UNITS = 1_000_000_000;
const MAX_ENTRIES = 1_000;

const id = z
  .string()
  .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'use lower-case words joined by dots, such as image.edit')
  .max(64);
const name = z.string().trim().min(1).max(100);
const units = z.int().min(0).max(MAX_UNITS);
const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })], {
    error: 'must be an instant with its zone, such as "2026-02-25T00:00:00Z"',
  })
  .transform((text) => Date.parse(text));
const deadline = z
  .string()
  .transform((text) => parseDuration(text) ?? 0)
  .refine((ms) => ms > 0 && ms <= RESTORE_WITHIN_MS, {
    error: 'must be a duration of at most 2 hours, such as "10m"',
  });

const planVersion = z.strictObject({ effectiveFrom: instant, limit: units.nullable() });
const plan = z.strictObject({ id, name, versions: z.array(planVersion).min(1).max(MAX_ENTRIES) });

// Each is asked after the one before it failed: more than a handful would outlast any deadline.
const MAX_PROVIDERS = 8;
const provider = z.string().min(1).max(64);
const served = {
  provider: provider.optional(),
  providers: z.array(provider).min(1).max(MAX_PROVIDERS).optional(),
  deadline: deadline.optional(),
};

const kind = z.enum(['image', 'video', 'audio', 'style', 'changes', 'frame', 'prompt']);
const action = z
  .discriminatedUnion(
    'metered',
    [
      z.strictObject({ id, name, kind, metered: z.literal(true), ...served }),
      z.strictObject({
        id,
        name,
        kind,
        metered: z.literal(false),
        field: z
          .string('must name the GraphQL field that serves this free action')
          .regex(/^[_A-Za-z][_0-9A-Za-z]{0,63}$/, 'must be the name of a GraphQL field'),
        ...served,
      }),
    ],
    { error: 'must say "metered": true or "metered": false' },
  )
  .refine((given) => given.provider === undefined || given.providers === undefined, {
    path: ['providers'],
    error: 'say either "provider" or "providers"',
  })
  .transform(({ provider: only, providers, deadline: deadlineMs, ...rest }) => ({
    ...rest,
    providers: providers ?? (only === undefined ? [] : [only]),
    ...(deadlineMs !== undefined && { deadlineMs }),
  }));

const rule = z.strictObject({
  id,
  effectiveFrom: instant,
  meteredCost: units,
  costs: z.record(z.string(), units).default({}),
});

const catalog = z.strictObject({
  plans: z.array(plan).min(1).max(MAX_ENTRIES),
  actions: z.array(action).min(1).max(MAX_ENTRIES),
  rules: z.array(rule).min(1).max(MAX_ENTRIES),
});

/**
 * Reads a catalogue from the parsed JSON of its file: instants as ISO text with a zone, durations as `10m`. Throws
 * `CatalogError` with all errors at once, those of form and those between entries.
 */
export function parseCatalog(json: unknown): Catalog {
  const parsed = catalog.safeParse(json);
  const malformed = parsed.error?.issues.map(({ path, message }) => at(path, message)) ?? [];
  const errors = [...malformed, ...contradictions(json).map((c) => at(c.path, c.message))];
  if (!parsed.success || errors.length > 0) throw new CatalogError(errors);
  return parsed.data;
}

function at(path: readonly PropertyKey[], message: string): string {
  return path.length === 0 ? message : `${z.core.toDotPath(path)}: ${message}`;
}
