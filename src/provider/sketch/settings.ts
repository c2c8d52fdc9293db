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
  size: Size;
}

const OUTCOMES = ['succeed', 'fail', 'block', 'hang', 'partial'] as const;
const MAX_DELAY_MS = 600_000;
const DEFAULT_SIZE: Size = { width: 512, height: 512 };
const MIN_SIDE = 64;
// A 1024 × 1024 drawing takes about 0.1 s; 8 of them are the most one job may ask for.
const MAX_SIDE = 1024;

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
export function readSettings(settings: GenerationContent['settings']): SketchSettings | string {
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
  const size = readSize(settings?.size);
  return typeof size === 'string' ? size : { ...sketch.data, size };
}

function readSize(given: unknown): Size | string {
  if (given === undefined || given === null) return DEFAULT_SIZE;
  const match = typeof given === 'string' ? /^(\d{1,5})x(\d{1,5})$/.exec(given) : null;
  const size = { width: Number(match?.[1]), height: Number(match?.[2]) };
  // A missing side is NaN, which is within nothing.
  const within = (side: number): boolean => side >= MIN_SIDE && side <= MAX_SIDE;
  return within(size.width) && within(size.height)
    ? size
    : `settings.size must be "WIDTHxHEIGHT" with sides from ${MIN_SIDE} to ${MAX_SIDE}, for example "512x512".`;
}
