/** Who looks into a file: told by its first bytes. */
export type Family =
  | { reader: 'picture'; contentType: string }
  | { reader: 'track'; format: TrackFormat }
  | { reader: 'wav' };

export type TrackFormat = 'mp4' | 'webm' | 'mp3' | 'ogg' | 'flac';

/** Enough for every mark below, the brands of an ISO file included. */
export const HEAD_BYTES = 64;

/** In hex. */
const MARKS: readonly { mark: RegExp; family: Family }[] = [
  { mark: /^89504e470d0a1a0a/, family: picture('image/png') },
  { mark: /^ffd8ff/, family: picture('image/jpeg') },
  // GIF87a, GIF89a
  { mark: /^474946383[79]61/, family: picture('image/gif') },
  // RIFF, a length, WEBP
  { mark: /^52494646.{8}57454250/, family: picture('image/webp') },
  // A length, ftyp, avif or avis; or mif1 or miaf, a version, and avif among the brands that follow, 4 bytes each.
  { mark: /^.{8}66747970617669(66|73)/, family: picture('image/avif') },
  { mark: /^.{8}66747970(6d696631|6d696166).{8}(.{8})*?61766966/, family: picture('image/avif') },
  { mark: /^.{8}66747970/, family: track('mp4') },
  { mark: /^1a45dfa3/, family: track('webm') },
  // RIFF, a length, WAVE
  { mark: /^52494646.{8}57415645/, family: { reader: 'wav' } },
  // OggS
  { mark: /^4f676753/, family: track('ogg') },
  // fLaC
  { mark: /^664c6143/, family: track('flac') },
  // A tag (ID3), or the first frame itself: 11 bits of sync, then a version and a layer that exist.
  { mark: /^(494433|ff(e[2-7]|f[2-7a-f]))/, family: track('mp3') },
];

const TRACK_TYPES: Readonly<Record<TrackFormat, readonly string[]>> = {
  mp4: ['video/mp4', 'audio/mp4'],
  webm: ['video/webm'],
  mp3: ['audio/mpeg'],
  ogg: ['audio/ogg'],
  flac: ['audio/flac'],
};

/** The media types that a file of this family may turn out to be. */
export function typesOf(family: Family): readonly string[] {
  if (family.reader === 'picture') return [family.contentType];
  return family.reader === 'track' ? TRACK_TYPES[family.format] : ['audio/wav'];
}

function picture(contentType: string): Family {
  return { reader: 'picture', contentType };
}

function track(format: TrackFormat): Family {
  return { reader: 'track', format };
}

/** Null: none of these; perhaps text. */
export function familyOf(head: Buffer): Family | null {
  const start = head.toString('hex', 0, Math.min(head.length, HEAD_BYTES));
  return MARKS.find(({ mark }) => mark.test(start))?.family ?? null;
}
