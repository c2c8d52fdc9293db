import type { Json } from '../../domain/generation.js';
import type { ProviderRequest, SourceFacts } from '../../provider.js';
import type { Endpoint } from './endpoint.js';

const QUALITIES: readonly unknown[] = ['auto', 'low', 'medium', 'high', 'standard', 'hd'];
const PICTURE_FORMATS: readonly unknown[] = ['png', 'jpeg', 'webp'];
// What the API offers beside these (raw AAC and raw samples) is nothing that is stored here.
const SOUND_FORMATS: readonly unknown[] = ['mp3', 'wav', 'flac', 'opus'];
const [MIN_SPEED, MAX_SPEED] = [0.25, 4];
// The API's own bounds.
const MAX_SPEECH_CHARS = 4_096;
const MAX_PICTURES = 16;
const TAKEN_TYPES: readonly string[] = ['image/png', 'image/jpeg', 'image/webp'];
// Held in memory, twice while they are sent: 64 jobs at once stay below 4 GiB.
const MAX_PICTURES_BYTES = 32 * 2 ** 20;

/** What an endpoint does for a request, told from what the action makes; null: nothing. */
export function mediumOf(
  { kind }: Pick<ProviderRequest, 'kind'>,
  { imageModel, speechModel }: Pick<Endpoint, 'imageModel' | 'speechModel'>,
): 'pictures' | 'speech' | null {
  switch (kind) {
    case 'image':
    case 'style':
    case 'changes':
    case 'frame':
      return imageModel ? 'pictures' : null;
    case 'audio':
      return speechModel ? 'speech' : null;
    case 'video':
    case 'prompt':
      return null;
  }
}

const MADE = {
  image: 'pictures',
  style: 'styles',
  changes: 'changes',
  frame: 'frames',
  audio: 'sounds',
  video: 'videos',
  prompt: 'texts',
} as const;

/** See `Provider.check`. */
export function check(request: ProviderRequest, endpoint: Endpoint): string | null {
  const medium = mediumOf(request, endpoint);
  if (!medium) {
    const made = MADE[request.kind];
    return `The provider of this action makes no ${made}. Please tell Support: the action needs another provider.`;
  }
  const { prompt, settings } = request;
  if (prompt === null || prompt.trim() === '') return 'This action needs a prompt.';
  return medium === 'pictures'
    ? (pictureInputs(request.sources) ?? pictureSettings(settings ?? {}))
    : (speechInputs(prompt, request.sources) ?? speechSettings(settings ?? {}));
}

function pictureInputs(sources: readonly SourceFacts[]): string | null {
  const odd = sources.findIndex(
    ({ contentType, durationMs }) => !TAKEN_TYPES.includes(contentType) || durationMs !== null,
  );
  if (odd >= 0) {
    const { contentType, durationMs } = sources[odd] ?? {};
    const moving = durationMs === null ? '' : ', and it moves';
    return `The provider of this action works on still PNG, JPEG and WebP pictures; inputs[${odd}] is ${contentType}${moving}.`;
  }
  if (sources.length > MAX_PICTURES) {
    return `The provider of this action takes at most ${MAX_PICTURES} pictures in inputs.`;
  }
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
  if (bytes > MAX_PICTURES_BYTES) {
    return `The provider of this action takes pictures of at most ${MAX_PICTURES_BYTES / 2 ** 20} MiB together; inputs has ${(bytes / 2 ** 20).toFixed(1)} MiB.`;
  }
  return null;
}

function pictureSettings({
  size = null,
  quality = null,
  format = null,
}: Record<string, Json>): string | null {
  if (size !== null && !(typeof size === 'string' && /^(auto|\d{2,4}x\d{2,4})$/.test(size))) {
    return 'settings.size must be "auto" or "WIDTHxHEIGHT", for example "1024x1024".';
  }
  if (quality !== null && !QUALITIES.includes(quality)) {
    return `settings.quality must be one of: ${QUALITIES.join(', ')}.`;
  }
  if (format !== null && !PICTURE_FORMATS.includes(format)) {
    return `settings.format must be one of: ${PICTURE_FORMATS.join(', ')}.`;
  }
  return null;
}

function speechInputs(prompt: string, sources: readonly SourceFacts[]): string | null {
  if (sources.length > 0) {
    return 'The provider of this action speaks the prompt and works on no files: leave inputs out.';
  }
  if (prompt.length > MAX_SPEECH_CHARS) {
    return `The provider of this action speaks at most ${MAX_SPEECH_CHARS} characters; the prompt has ${prompt.length}.`;
  }
  return null;
}

function speechSettings({
  voice = null,
  format = null,
  speed = null,
}: Record<string, Json>): string | null {
  if (voice !== null && !(typeof voice === 'string' && /^[\x21-\x7e]{1,64}$/.test(voice))) {
    return 'settings.voice must be the name of a voice, for example "alloy".';
  }
  if (format !== null && !SOUND_FORMATS.includes(format)) {
    return `settings.format must be one of: ${SOUND_FORMATS.join(', ')}.`;
  }
  if (speed !== null && !(typeof speed === 'number' && speed >= MIN_SPEED && speed <= MAX_SPEED)) {
    return `settings.speed must be a number from ${MIN_SPEED} to ${MAX_SPEED}.`;
  }
  return null;
}
