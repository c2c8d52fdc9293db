import { createHash } from 'node:crypto';

/** Numbers from a seed: the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [min, max). */
  between(min: number, max: number): number;
  /** One of the items. */
  pick<T>(items: readonly [T, ...T[]]): T;
}

const BLOCK_BYTES = 32;
const WORD_BYTES = 4;

/** Reads numbers off SHA-256 of the seed and a counter: no generator to get wrong, and 8 numbers per hash are plenty. */
export function randomOf(...seed: readonly (string | number)[]): Random {
  const base = JSON.stringify(seed);
  let block = Buffer.alloc(0);
  let blocks = 0;
  let offset = 0;
  const unit = (): number => {
    if (offset >= block.length) {
      block = createHash('sha256').update(`${blocks}:${base}`).digest();
      blocks += 1;
      offset = 0;
    }
    const word = block.readUInt32BE(offset % BLOCK_BYTES);
    offset += WORD_BYTES;
    return word / 2 ** 32;
  };
  return {
    between: (min, max) => min + unit() * (max - min),
    pick: (items) => items[Math.floor(unit() * items.length)] ?? items[0],
  };
}

/** The seed of a prompt that names none. */
export function seedOf(prompt: string): number {
  return createHash('sha256').update(prompt).digest().readUInt32BE(0);
}
