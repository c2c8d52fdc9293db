import type { Log } from '../../src/log.js';

export interface RecordingLog extends Log {
  lines: { level: string; facts: object; message: string }[];
}

const ignore = () => undefined;

/** Says nothing. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Says nothing, and remembers what it was told. */
export function recordingLog(): RecordingLog {
  const lines: RecordingLog['lines'] = [];
  const record = (level: string) => (facts: object, message: string) => {
    lines.push({ level, facts, message });
  };
  return {
    lines,
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
  };
}
