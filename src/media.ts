/** Looks into files: what they really are, and what is shown of them. */
export interface Media {
  /**
   * What the file at `path` is, told from its own bytes and never from a name or a header. Null: nothing that is stored here,
   * active content (HTML, SVG, scripts) included, and nothing that `isWanted` does not want: its first bytes tell, before anything is
   * decoded. Bounded in memory and time whatever the bytes say.
   */
  inspect(path: string, isWanted: (contentType: string) => boolean): Promise<MediaFacts | null>;
  /** A small still WebP of a picture or an animation; null when there is nothing to show (audio, text, or a film it cannot read). */
  thumbnail(path: string, facts: MediaFacts): Promise<Uint8Array | null>;
}

export interface MediaFacts {
  /** One that `extensionOf` knows. */
  contentType: string;
  /** Pixels as shown: turned as the file's own orientation says. */
  width: number | null;
  height: number | null;
  /** Null for what does not move or sound. */
  durationMs: number | null;
}
