import type { Job, ProviderRequest, Source, SourceFacts } from '../../provider.js';

// An input is held in memory whole while it is worked on.
const MAX_SOURCE_BYTES = 64 * 2 ** 20;

/** Made as a `style`: says how things shall look, rather than what is worked on. */
export function isStyle(source: SourceFacts): boolean {
  return source.kind === 'style' && isPicture(source);
}

export function isPicture({ contentType }: SourceFacts): boolean {
  return contentType.startsWith('image/');
}

/** A picture that moves, of a kind whose frames can be read here. */
export function isAnimation({ contentType, durationMs }: SourceFacts): boolean {
  return (contentType === 'image/webp' || contentType === 'image/gif') && (durationMs ?? 0) > 0;
}

export function isSound({ contentType }: SourceFacts): boolean {
  return contentType.startsWith('audio/');
}

/** The input that an edit works on; undefined: none was given. */
export function subjectOf<S extends SourceFacts>(request: {
  sources: readonly S[];
}): S | undefined {
  return request.sources.find((source) => !isStyle(source));
}

/** The input that gives the palette: a style, or else the first picture. */
export function paletteSourceOf({ sources }: Job): Source | undefined {
  return sources.find(isStyle) ?? sources.find(isPicture);
}

/** Says which input `takes` refuses, and `why`; null: none. */
export function refusedOf(
  { sources }: ProviderRequest,
  takes: (source: SourceFacts) => boolean,
  why: (source: SourceFacts) => string,
): string | null {
  const index = sources.findIndex((source) => !takes(source) || source.bytes > MAX_SOURCE_BYTES);
  const source = sources[index];
  if (!source) return null;
  if (takes(source)) {
    return `inputs[${index}] has more than the ${MAX_SOURCE_BYTES / 2 ** 20} MiB that a sketch reads: give a smaller one.`;
  }
  return `inputs[${index}] is ${source.contentType}: ${why(source)}`;
}
