import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { bulkhead } from 'cockatiel';
import type { MediaFacts } from '../media.js';
import type { TrackFormat } from './kinds.js';

// A film of 20 bytes more may claim 4,294,967,295 samples, and the library makes room for each: a thread that runs out of
// memory takes the whole process along. So it runs in a process of its own, which takes about 100 ms to start.
const MEMORY_MB = 128;
const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024;
/** Processes at a time. */
const AT_ONCE = 2;
const require = createRequire(import.meta.url);
const LIBRARY = require.resolve('mediabunny');

/** What the process runs: text, because it has to start the same from source and from what was built. */
const PROGRAM = `
const [library, format, path] = process.argv.slice(1);
const { EncodedPacketSink, FilePathSource, Input, ...formats } = require(library);
async function look() {
  const input = new Input({ source: new FilePathSource(path), formats: [formats[format]] });
  const video = await input.getPrimaryVideoTrack();
  const track = video ?? (await input.getPrimaryAudioTrack());
  // The last piece of it can be read: the file was not cut.
  if (!track || !(await new EncodedPacketSink(track).getPacket(Infinity))) return null;
  const seconds = (await input.getDurationFromMetadata()) ?? (await input.computeDuration());
  const sides = video && [await video.getDisplayWidth(), await video.getDisplayHeight()];
  return { seconds, sides };
}
look().catch(() => null).then((answer) => {
  process.stdout.write(JSON.stringify(answer), () => process.exit());
});
`;

interface Look {
  seconds: number;
  /** Null: sound only. */
  sides: [width: number, height: number] | null;
}

/**
 * Looks into films and recordings. Answers null for what cannot be read to its end, throws when no process can be started.
 */
export function makeInspectTrack(): (
  path: string,
  format: TrackFormat,
) => Promise<MediaFacts | null> {
  const lane = bulkhead(AT_ONCE, Infinity);
  return async (path, format) => {
    const look = await lane.execute(() => lookInto(path, format));
    const contentType = look && contentTypeOf(format, look.sides !== null);
    if (!look || !contentType) return null;
    const { seconds, sides } = look;
    const durationMs = Math.round(seconds * 1000);
    if (!within(durationMs, MAX_DURATION_MS)) return null;
    if (!sides) return { contentType, width: null, height: null, durationMs };
    const [width, height] = [Math.round(sides[0]), Math.round(sides[1])];
    return within(width, MAX_SIDE) && within(height, MAX_SIDE)
      ? { contentType, width, height, durationMs }
      : null;
  };
}

// The largest that any coder makes; and a day, more than any bound on bytes lets in.
const MAX_SIDE = 65_536;
const MAX_DURATION_MS = 24 * 60 * 60 * 1000;

/** From 1 to `max`; not for what is no number. */
function within(value: number, max: number): boolean {
  return value >= 1 && value <= max;
}

/** Null: not stored here. */
function contentTypeOf(format: TrackFormat, hasVideo: boolean): string | null {
  if (format === 'mp4') return hasVideo ? 'video/mp4' : 'audio/mp4';
  if (format === 'webm') return hasVideo ? 'video/webm' : null;
  if (hasVideo) return null;
  return format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
}

const run = promisify(execFile);

async function lookInto(path: string, format: TrackFormat): Promise<Look | null> {
  const memory = `--max-old-space-size=${MEMORY_MB}`;
  // The program's words end the options: a path is never taken for one.
  const words = [memory, '--eval', PROGRAM, '--', LIBRARY, format.toUpperCase(), path];
  const bounds = {
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_ANSWER_BYTES,
  } as const;
  try {
    const { stdout } = await run(execPath, words, { ...bounds, env: {} });
    return JSON.parse(stdout) as Look | null;
  } catch (error) {
    if (isNotStarted(error)) throw error;
    // Out of memory or out of time.
    return null;
  }
}

function isNotStarted(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
