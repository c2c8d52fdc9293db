import sharp from 'sharp';
import type { Metadata, Region, Sharp } from 'sharp';
import { z } from 'zod';
import type { GenerationContent } from '../../domain/generation.js';
import type { Job, ProviderRequest } from '../../provider.js';
import { joined } from '../sketch/webp.js';
import type { Still } from '../sketch/webp.js';
import { Unusable } from './unusable.js';

/** Pixels, from the top left corner. */
type Rectangle = z.infer<typeof rectangle>;

const rectangle = z.object({
  x: z.int('x must be a whole number of pixels').min(0, 'x must not be negative'),
  y: z.int('y must be a whole number of pixels').min(0, 'y must not be negative'),
  width: z.int('width must be a whole number of pixels').min(1, 'width must be at least 1'),
  height: z.int('height must be a whole number of pixels').min(1, 'height must be at least 1'),
});

// 8,000 × 8,000: what a good camera makes. All frames of an animation together.
const MAX_PIXELS = 64_000_000;
// An input is held in memory whole while it is worked on.
const MAX_SOURCE_BYTES = 64 * 2 ** 20;

/** What is wrong with a request to crop, in words; null: nothing. */
export function checkCrop({ sources, settings }: ProviderRequest): string | null {
  const [source, ...others] = sources;
  if (!source || others.length > 0) return 'Cropping takes exactly one picture: name it in inputs.';
  if (!source.contentType.startsWith('image/')) {
    return `Only pictures can be cropped: inputs[0] is ${source.contentType}.`;
  }
  if (source.bytes > MAX_SOURCE_BYTES) {
    return `inputs[0] has more than the ${MAX_SOURCE_BYTES / 2 ** 20} MiB that can be cropped: give a smaller one.`;
  }
  const wanted = read(settings);
  if (typeof wanted === 'string') return wanted;
  return source.width === null || source.height === null
    ? null
    : outsideOf(wanted, { width: source.width, height: source.height });
}

function read(settings: GenerationContent['settings']): Rectangle | string {
  const parsed = rectangle.safeParse(settings ?? {});
  if (parsed.success) return parsed.data;
  const messages = parsed.error.issues.map((issue) => issue.message);
  return `settings must say what to keep, such as {"x": 0, "y": 0, "width": 100, "height": 80}: ${messages.join('; ')}.`;
}

function outsideOf(
  { x, y, width, height }: Rectangle,
  picture: { width: number; height: number },
): string | null {
  if (x + width <= picture.width && y + height <= picture.height) return null;
  return `The part to keep reaches to ${x + width} × ${y + height}, but the picture has ${picture.width} × ${picture.height} pixels. Choose x, y, width and height within it.`;
}

/**
 * A part of a picture as it is shown, in the picture's own format (PNG for those that are not written here), all frames of an
 * animated WebP. From PNG to PNG every pixel stays what it was. Where and by whom it was taken is left out.
 */
export async function crop(job: Job): Promise<Uint8Array> {
  const [source] = job.sources;
  const wanted = read(job.settings);
  if (!source || typeof wanted === 'string') throw new Unusable('Cropping takes one picture.');
  const bytes = await source.read();
  const { x: left, y: top, width, height } = wanted;
  try {
    const facts = await sharp(bytes, BOUNDED).metadata();
    const problem = outsideOf(wanted, facts.autoOrient);
    if (problem !== null) throw new Unusable(problem);
    const part = { left, top, width, height };
    if (facts.format === 'webp' && (facts.pages ?? 1) > 1) return await film(bytes, facts, part);
    return await written(opened(bytes, facts).extract(part), facts).timeout(TIMEOUT).toBuffer();
  } catch (error) {
    if (error instanceof Unusable) throw error;
    throw new Unusable(
      `The input ${source.id} cannot be read as a picture (${source.contentType}): it is broken or too large. Give another one.`,
    );
  }
}

const BOUNDED = { limitInputPixels: MAX_PIXELS, failOn: 'truncated' } as const;

const WEBP_QUALITY = 95;
const TIMEOUT = { seconds: 20 };
const USUAL_DELAY_MS = 100;

function opened(bytes: Buffer, { format, space }: Metadata): Sharp {
  const picture = sharp(bytes, { ...BOUNDED, ignoreIcc: format === 'png' }).autoOrient();
  // Without this, 16 bits a channel become 8.
  return space.endsWith('16') ? picture.toColourspace(space) : picture;
}

function written(part: Sharp, { format }: Metadata): Sharp {
  // Compressed anew: at these qualities no loss is seen.
  if (format === 'jpeg') return part.jpeg({ quality: 95, chromaSubsampling: '4:4:4' });
  if (format === 'webp') return part.webp({ quality: WEBP_QUALITY, effort: 1 });
  // With the profile that says how its colours are meant, instead of other colours.
  return format === 'png' ? part.keepIccProfile().png() : part.png();
}

// 90 frames of 512 × 512. Each is encoded anew: these take about 2 s.
const MAX_FILM_PIXELS = 24_000_000;

/** Frame by frame: the usual encoder stores what changed by more than some shades only, and slow gradients fall into blocks. */
async function film(bytes: Buffer, { delay = [] }: Metadata, part: Region): Promise<Buffer> {
  const { data, info } = await sharp(bytes, {
    ...BOUNDED,
    limitInputPixels: MAX_FILM_PIXELS,
    pages: -1,
  })
    .extract(part)
    .timeout(TIMEOUT)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: part.width, height: part.height, channels: info.channels };
  const length = part.width * part.height * info.channels;
  const stills: Still[] = [];
  for (let at = 0; at < data.length; at += length) {
    const frame = sharp(data.subarray(at, at + length), { raw });
    const webp = await frame.webp({ quality: WEBP_QUALITY, effort: 1 }).toBuffer();
    stills.push({ webp, delayMs: delay[stills.length] ?? USUAL_DELAY_MS });
  }
  return joined(stills, part);
}
