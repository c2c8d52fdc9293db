import type { LiveEvent } from '../live.js';

/** What the gate's scripts and `publishGeneration` put on a channel; null for anything else. */
export function decodeEvent(message: string): LiveEvent | null {
  try {
    const event = JSON.parse(message) as Record<string, unknown> | null;
    if (event?.kind === 'quota' && typeof event.quota === 'object' && event.quota)
      return event as LiveEvent;
    if (event?.kind === 'generation' && typeof event.id === 'string') return event as LiveEvent;
    return null;
  } catch {
    return null;
  }
}
