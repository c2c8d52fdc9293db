/** Films and recordings made by the letter of their containers' specifications, so that no library vouches for itself. */

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const u8 = (...values: number[]): Buffer => Buffer.from(values);
const zeros = (count: number): Buffer => Buffer.alloc(count);

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => bytes.writeUInt16BE(value, 2 * index));
  return bytes;
}

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}

function box(type: string, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([u32(8 + bytes.length), text(type), bytes]);
}

const UNITY = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
// A quarter turn, as a phone held upright writes it.
const QUARTER_TURN = u32(0, 0x10000, 0, 0xffff0000, 0, 0, 0, 0, 0x40000000);

export interface Mp4 {
  /** Null: sound only. */
  size: { width: number; height: number } | null;
  seconds: number;
  isTurned?: boolean;
  /** Replaces the table of sample sizes. */
  sizes?: Buffer;
}

/** One track of one sample per second, 100 bytes each. */
export function mp4({ size, seconds, isTurned = false, sizes }: Mp4): Buffer {
  const start = box('ftyp', text(size ? 'isom' : 'M4A '), u32(512), text('isomiso2mp41'));
  const data = box('mdat', Buffer.alloc(100 * seconds, 7));
  const sides = size ? u32(size.width * 65_536, size.height * 65_536) : u32(0, 0);
  const matrix = isTurned ? QUARTER_TURN : UNITY;
  const entry = size ? avc1(size) : mp4a();
  const table = box(
    'stbl',
    box('stsd', u32(0, 1), entry),
    box('stts', u32(0, 1, seconds, 1000)),
    box('stsc', u32(0, 1, 1, seconds, 1)),
    sizes ?? box('stsz', u32(0, 100, seconds)),
    box('stco', u32(0, 1, start.length + 8)),
  );
  const reference = box('dinf', box('dref', u32(0, 1), box('url ', u32(1))));
  const header = size ? box('vmhd', u32(1, 0, 0)) : box('smhd', u32(0, 0));
  const handler = box('hdlr', u32(0, 0), text(size ? 'vide' : 'soun'), zeros(13));
  const media = box(
    'mdia',
    box('mdhd', u32(0, 0, 0, 1000, seconds * 1000), u16(0x55c4, 0)),
    handler,
    box('minf', header, reference, table),
  );
  const tkhd = box('tkhd', u32(3, 0, 0, 1, 0, seconds * 1000), zeros(16), matrix, sides);
  const mvhd = box(
    'mvhd',
    u32(0, 0, 0, 1000, seconds * 1000, 0x10000),
    u16(0x100, 0),
    zeros(8),
    UNITY,
    zeros(24),
    u32(2),
  );
  return Buffer.concat([start, data, box('moov', mvhd, box('trak', tkhd, media))]);
}

function avc1({ width, height }: { width: number; height: number }): Buffer {
  const sequence = u8(0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x47, 0xfe, 0xc8);
  const picture = u8(0x68, 0xce, 0x3c, 0x80);
  const configuration = Buffer.concat([
    u8(1, 0x42, 0xc0, 0x1e, 0xff, 0xe1),
    u16(sequence.length),
    sequence,
    u8(1),
    u16(picture.length),
    picture,
  ]);
  return box(
    'avc1',
    zeros(6),
    u16(1),
    zeros(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    zeros(32),
    u16(0x18, 0xffff),
    box('avcC', configuration),
  );
}

function mp4a(): Buffer {
  const specific = u8(5, 2, 0x12, 0x08);
  const decoder = Buffer.concat([u8(4, 17, 0x40, 0x15), zeros(11), specific]);
  const stream = Buffer.concat([u8(3, decoder.length + 6), u16(1), u8(0), decoder, u8(6, 1, 2)]);
  return box(
    'mp4a',
    zeros(6),
    u16(1),
    zeros(8),
    u16(1, 16, 0, 0),
    u32(44_100 * 65_536),
    box('esds', u32(0), stream),
  );
}

/** A table of sample sizes that takes 20 bytes and speaks of 4,294,967,295 samples of no bits each. */
export const ENDLESS_SIZES = box('stz2', u32(0), zeros(3), u8(0), u32(0xffffffff));

function element(id: number, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  const name = Buffer.from(id.toString(16), 'hex');
  // Always the longest form of a length: 8 bytes.
  return Buffer.concat([name, u8(1, 0, 0, 0), u32(bytes.length), bytes]);
}

const float = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};

/** A WebM of VP8 frames, one a second; null for `size` is one of Opus packets. */
export function webm(size: { width: number; height: number } | null, seconds: number): Buffer {
  const head = element(
    0x1a45dfa3,
    element(0x4286, u8(1)),
    element(0x42f7, u8(1)),
    element(0x42f2, u8(4)),
    element(0x42f3, u8(8)),
    element(0x4282, text('webm')),
    element(0x4287, u8(2)),
    element(0x4285, u8(2)),
  );
  const information = element(
    0x1549a966,
    element(0x2ad7b1, u32(1_000_000)),
    element(0x4489, float(seconds * 1000)),
    element(0x4d80, text('test')),
    element(0x5741, text('test')),
  );
  const kind = size
    ? [
        element(0x83, u8(1)),
        element(0x86, text('V_VP8')),
        element(0xe0, element(0xb0, u16(size.width)), element(0xba, u16(size.height))),
      ]
    : [
        element(0x83, u8(2)),
        element(0x86, text('A_OPUS')),
        element(0x63a2, opusHead()),
        element(0xe1, element(0xb5, float(48_000)), element(0x9f, u8(1))),
      ];
  const track = element(0xae, element(0xd7, u8(1)), element(0x73c5, u8(1)), ...kind);
  const blocks = Array.from({ length: seconds }, (_, second) =>
    element(0xa3, u8(0x81), u16(second * 1000), u8(0x80), Buffer.alloc(60, second)),
  );
  const cluster = element(0x1f43b675, element(0xe7, u8(0)), ...blocks);
  return Buffer.concat([
    head,
    element(0x18538067, information, element(0x1654ae6b, track), cluster),
  ]);
}

function opusHead(): Buffer {
  const head = Buffer.concat([text('OpusHead'), u8(1, 1, 0, 0), zeros(4), zeros(2), u8(0)]);
  head.writeUInt32LE(48_000, 12);
  return head;
}

function crc(bytes: Buffer, width: 8 | 16 | 32, polynomial: number): number {
  const top = 2 ** (width - 1);
  let value = 0;
  for (const byte of bytes) {
    value = (value ^ (byte * 2 ** (width - 8))) >>> 0;
    for (let bit = 0; bit < 8; bit += 1) {
      const shifted = (value * 2) % 2 ** width;
      value = value >= top ? (shifted ^ polynomial) >>> 0 : shifted;
    }
  }
  return value;
}

function oggPage(flags: number, position: number, sequence: number, packets: Buffer[]): Buffer {
  const head = Buffer.alloc(27);
  head.write('OggS', 0, 'latin1');
  head.writeUInt8(flags, 5);
  head.writeBigUInt64LE(BigInt(position), 6);
  head.writeUInt32LE(77, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(packets.length, 26);
  const page = Buffer.concat([head, u8(...packets.map((packet) => packet.length)), ...packets]);
  page.writeUInt32LE(crc(page, 32, 0x04c11db7), 22);
  return page;
}

/** Opus in Ogg: a packet of 20 ms fifty times a second. */
export function ogg(seconds: number): Buffer {
  const tags = Buffer.concat([text('OpusTags'), Buffer.from([4, 0, 0, 0]), text('test'), zeros(4)]);
  const sounds = Array.from({ length: seconds }, (_, second) => {
    const packets = Array.from({ length: 50 }, () => Buffer.concat([u8(0x78), zeros(19)]));
    return oggPage(second === seconds - 1 ? 4 : 0, (second + 1) * 48_000, second + 2, packets);
  });
  return Buffer.concat([oggPage(2, 0, 0, [opusHead()]), oggPage(0, 0, 1, [tags]), ...sounds]);
}

/** MPEG 1, layer III, 128 kbit/s, 44,100 Hz: 1,152 samples in each frame of 417 bytes. */
export function mp3(frames: number): Buffer {
  const frame = Buffer.concat([u8(0xff, 0xfb, 0x90, 0xc0), zeros(413)]);
  return Buffer.concat(Array.from({ length: frames }, () => frame));
}

/** Frames of 4,096 silent samples, mono, 16 bits, 44,100 Hz. */
export function flac(frames: number): Buffer {
  const samples = frames * 4096;
  const information = Buffer.concat([
    u16(4096, 4096),
    zeros(6),
    // 20 bits of rate, 3 of channels less one, 5 of bits less one, 36 of samples.
    u32((44_100 << 12) | (15 << 4), samples),
    zeros(16),
  ]);
  const blocks = Array.from({ length: frames }, (_, number) => {
    // A fixed size of 4,096, the rate 44,100, one channel, 16 bits.
    const head = u8(0xff, 0xf8, 0xc9, 0x08, number);
    const body = Buffer.concat([head, u8(crc(head, 8, 0x07)), u8(0, 0, 0)]);
    return Buffer.concat([body, u16(crc(body, 16, 0x8005))]);
  });
  return Buffer.concat([text('fLaC'), u8(0x80, 0, 0, 34), information, ...blocks]);
}

/** 16-bit PCM from samples between -1 and 1, one list for each channel. */
export function wav(sampleRate: number, channels: readonly (readonly number[])[]): Buffer {
  const frames = channels[0]!.length;
  const data = Buffer.alloc(frames * channels.length * 2);
  channels.forEach((samples, channel) => {
    samples.forEach((sample, frame) => {
      data.writeInt16LE(Math.round(sample * 32_767), 2 * (frame * channels.length + channel));
    });
  });
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(channels.length, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt32LE(sampleRate * channels.length * 2, 8);
  format.writeUInt16LE(channels.length * 2, 12);
  format.writeUInt16LE(16, 14);
  const lengths = [36 + data.length, 16, data.length].map((length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(length);
    return bytes;
  });
  const [whole, description, sound] = lengths;
  return Buffer.concat([
    text('RIFF'),
    whole!,
    text('WAVEfmt '),
    description!,
    format,
    text('data'),
    sound!,
    data,
  ]);
}
