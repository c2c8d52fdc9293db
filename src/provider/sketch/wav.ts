/** Sound as numbers from -1 to 1. */
export interface Sound {
  sampleRate: number;
  /** One for mono, two for stereo; all of one length. */
  channels: readonly Float32Array[];
}

const HEADER_BYTES = 44;
const PCM = 1;
/** Says the format in its first two bytes of a longer description. */
const EXTENSIBLE = 0xfffe;
const FULL_SCALE = 2 ** 15;

/** A WAV file of 16-bit PCM. */
export function encodedWav({ sampleRate, channels }: Sound): Uint8Array {
  const frames = channels[0]?.length ?? 0;
  const blockBytes = 2 * channels.length;
  const file = Buffer.alloc(HEADER_BYTES + frames * blockBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(PCM, 20);
  file.writeUInt16LE(channels.length, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * blockBytes, 28);
  file.writeUInt16LE(blockBytes, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(frames * blockBytes, 40);
  for (const [channel, samples] of channels.entries()) {
    for (const [frame, sample] of samples.entries()) {
      const value = Math.round(Math.max(-1, Math.min(sample, 1)) * (FULL_SCALE - 1));
      file.writeInt16LE(value, HEADER_BYTES + frame * blockBytes + 2 * channel);
    }
  }
  return file;
}

interface Format {
  channels: number;
  sampleRate: number;
  bits: number;
}

/** Reads a WAV file of 16-bit PCM with one or two channels, up to `maxSeconds` of it. Null: it is none, or it is broken. */
export function decodedWav(file: Buffer, maxSeconds: number): Sound | null {
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF') return null;
  if (file.toString('latin1', 8, 12) !== 'WAVE') return null;
  let format: Format | null = null;
  for (let at = 12; at + 8 <= file.length;) {
    const name = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const content = file.subarray(at + 8, at + 8 + length);
    if (name === 'fmt ') format = formatOf(content);
    // What is streamed as it is made says 0 or the greatest length there is: then all that follows is sound.
    if (name === 'data')
      return format && soundOf(length === 0 ? file.subarray(at + 8) : content, format, maxSeconds);
    // Chunks begin at even places.
    at += 8 + length + (length % 2);
  }
  return null;
}

function formatOf(content: Buffer): Format | null {
  if (content.length < 16) return null;
  const declared = content.readUInt16LE(0);
  const kind =
    declared === EXTENSIBLE && content.length >= 26 ? content.readUInt16LE(24) : declared;
  const format = {
    channels: content.readUInt16LE(2),
    sampleRate: content.readUInt32LE(4),
    bits: content.readUInt16LE(14),
  };
  const { channels, sampleRate, bits } = format;
  const isRead = kind === PCM && bits === 16 && channels >= 1 && channels <= 2;
  return isRead && sampleRate >= 4000 && sampleRate <= 192_000 ? format : null;
}

function soundOf(content: Buffer, format: Format, maxSeconds: number): Sound | null {
  const blockBytes = 2 * format.channels;
  const most = Math.floor(format.sampleRate * maxSeconds);
  const frames = Math.min(Math.floor(content.length / blockBytes), most);
  if (frames === 0) return null;
  const channels = Array.from({ length: format.channels }, (_, channel) => {
    const samples = new Float32Array(frames);
    for (let frame = 0; frame < frames; frame += 1) {
      samples[frame] = content.readInt16LE(frame * blockBytes + 2 * channel) / FULL_SCALE;
    }
    return samples;
  });
  return { sampleRate: format.sampleRate, channels };
}
