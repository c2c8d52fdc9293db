/**
 * A Content-Disposition header that names the file (RFC 6266), safe for any text: what a quoted ASCII string cannot hold goes
 * into `filename*` (RFC 8187), which browsers prefer.
 */
export function dispositionOf(type: 'inline' | 'attachment', name: string): string {
  const safe = name.replaceAll(/[\p{Cc}\p{Cs}/\\]/gu, '_');
  const ascii = safe.replaceAll(/[^\x20-\x7e]|["%]/g, '_');
  const plain = `${type}; filename="${ascii}"`;
  return ascii === safe ? plain : `${plain}; filename*=UTF-8''${extended(safe)}`;
}

/** encodeURIComponent leaves these four, which are no attr-chars. */
function extended(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
