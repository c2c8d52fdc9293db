import { z } from 'zod';
import type { GenerationContent } from '../../domain/generation.js';

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

export interface SketchSettings {
  /** `partial` delivers half the outputs, rounded up; `hang` never ends until the job's signal aborts. */
  outcome: (typeof OUTCOMES)[number];
  /** Waited before anything else. */
  delayMs: number;
  /** Null: one that follows from the prompt. */
  seed: number | null;
  /** Null: the usual one, here and below. */
  size: Size | null;
  format: string | null;
  durationMs: number | null;
}

/** What can be chosen. */
export interface Choices {
  /** Of what, with its article: for messages. */
  name: string;
  /** What `settings.format` may say, the usual one first. */
  formats: readonly string[];
  /** Of `settings.size`, in pixels; null: that setting is not looked at. */
  maxSide: number | null;
  /** Of `settings.durationMs`; null: that setting is not looked at. */
  durationsMs: { min: number; max: number } | null;
}

const OUTCOMES = ['succeed', 'fail', 'block', 'hang', 'partial'] as const;
const MAX_DELAY_MS = 600_000;
const MIN_SIDE = 64;

const known = z.strictObject({
  outcome: z.enum(OUTCOMES, `outcome must be one of: ${OUTCOMES.join(', ')}`).default('succeed'),
  delayMs: z
    .int('delayMs must be a whole number of milliseconds')
    .min(0, 'delayMs must not be negative')
    .max(MAX_DELAY_MS, `delayMs must be at most ${MAX_DELAY_MS}`)
    .default(0),
  seed: z.int('seed must be a whole number').nullable().default(null),
});

/** Reads what a sketch obeys; other settings are for other providers and left alone. A string says what is wrong. */
export function readSettings(
  settings: GenerationContent['settings'],
  choices: Choices,
): SketchSettings | string {
  const sketch = known.safeParse(settings?.sketch ?? {});
  if (!sketch.success) {
    const messages = sketch.error.issues.map((issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys.join(', ')} is not known; use outcome, delayMs or seed`
        : issue.path.length === 0
          ? 'it must be an object'
          : issue.message,
    );
    return `settings.sketch cannot be used: ${messages.join('; ')}.`;
  }
  const size = choices.maxSide === null ? null : readSize(settings?.size, choices.maxSide);
  if (typeof size === 'string') return size;
  const format = settings?.format ?? null;
  if (format !== null && !(typeof format === 'string' && choices.formats.includes(format))) {
    const choice = choices.formats.map((one) => `"${one}"`).join(' or ');
    return `settings.format of ${choices.name} must be ${choice} here; leave it out for the usual one.`;
  }
  const durationMs = readDuration(settings?.durationMs, choices);
  if (typeof durationMs === 'string') return durationMs;
  return { ...sketch.data, size, format, durationMs };
}

function readSize(given: unknown, maxSide: number): Size | string | null {
  // What other providers call leaving it to them.
  if (given === undefined || given === null || given === 'auto') return null;
  const match = typeof given === 'string' ? /^(\d{1,5})x(\d{1,5})$/.exec(given) : null;
  const size = { width: Number(match?.[1]), height: Number(match?.[2]) };
  // A missing side is NaN, which is within nothing.
  const within = (side: number): boolean => side >= MIN_SIDE && side <= maxSide;
  return within(size.width) && within(size.height)
    ? size
    : `settings.size must be "WIDTHxHEIGHT" with sides from ${MIN_SIDE} to ${maxSide}, for example "512x512".`;
}

function readDuration(given: unknown, { name, durationsMs }: Choices): number | string | null {
  if (given === undefined || given === null || durationsMs === null) return null;
  const { min, max } = durationsMs;
  return typeof given === 'number' && Number.isInteger(given) && given >= min && given <= max
    ? given
    : `settings.durationMs of ${name} must be a whole number of milliseconds from ${min} to ${max}.`;
}
