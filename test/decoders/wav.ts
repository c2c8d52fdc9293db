export interface DecodedWav {
  sampleRate: number;
  /** From -1 to 1, one list for each channel. */
  channels: Float64Array[];
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
  const channels = Array.from({ length: count! }, () => new Float64Array(sound / block));
  for (let frame = 0, at = 44; at < file.length; frame += 1) {
    for (const samples of channels) {
      samples[frame] = file.readInt16LE(at) / 32_768;
      at += 2;
    }
  }
  return { sampleRate: sampleRate!, channels };
}

/** The loudest sample. */
export function peakOf(samples: Float64Array): number {
  let peak = 0;
  for (const sample of samples) {
    const loudness = sample < 0 ? -sample : sample;
    if (loudness > peak) peak = loudness;
  }
  return peak;
}

/** How loud it is on the whole: the root of the mean square. */
export function loudnessOf(samples: Float64Array): number {
  return Math.sqrt(together(samples, samples));
}

/** How alike two sounds are from their beginnings on: 1 the same, 0 nothing in common. */
export function likeness(one: Float64Array, other: Float64Array): number {
  const length = Math.min(one.length, other.length);
  const [a, b] = [one.subarray(0, length), other.subarray(0, length)];
  return together(a, b) / (loudnessOf(a) * loudnessOf(b));
}

function together(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (const [at, sample] of one.entries()) sum += sample * other[at]!;
  return sum / one.length;
}
