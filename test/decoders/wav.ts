export interface DecodedWav {
  sampleRate: number;
  /** From -1 to 1, one list for each channel. */
  channels: number[][];
}

/** Decodes 16-bit PCM with the plain header of 44 bytes, by the letter. Throws on anything else. */
export function decodeWav(bytes: Uint8Array): DecodedWav {
  const file = Buffer.from(bytes);
  const word = (at: number): string => file.toString('latin1', at, at + 4);
  if (word(0) + word(8) + word(12) + word(36) !== 'RIFFWAVEfmt data') throw new Error('not a WAV');
  const [whole, description, sound] = [4, 16, 40].map((at) => file.readUInt32LE(at));
  if (whole !== file.length - 8 || description !== 16 || sound !== file.length - 44) {
    throw new Error('a wrong length');
  }
  const [kind, count, block, bits] = [20, 22, 32, 34].map((at) => file.readUInt16LE(at));
  const [sampleRate, byteRate] = [24, 28].map((at) => file.readUInt32LE(at));
  if (kind !== 1 || bits !== 16) throw new Error('not 16-bit PCM');
  if (block !== 2 * count! || byteRate !== sampleRate! * block) throw new Error('a wrong rate');
  const channels = Array.from({ length: count! }, (_, channel) =>
    Array.from(
      { length: sound / block },
      (_, frame) => file.readInt16LE(44 + frame * block + 2 * channel) / 32_768,
    ),
  );
  return { sampleRate: sampleRate!, channels };
}

/** The loudest sample. */
export function peakOf(samples: readonly number[]): number {
  return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

/** How loud it is on the whole: the root of the mean square. */
export function loudnessOf(samples: readonly number[]): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

/** How alike two sounds are from their beginnings on: 1 the same, 0 nothing in common. */
export function likeness(one: readonly number[], other: readonly number[]): number {
  const length = Math.min(one.length, other.length);
  const [a, b] = [one.slice(0, length), other.slice(0, length)];
  const product = a.reduce((sum, sample, at) => sum + sample * b[at]!, 0) / length;
  return product / (loudnessOf(a) * loudnessOf(b));
}
