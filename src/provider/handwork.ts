import { bulkhead } from 'cockatiel';

/**
 * The line for what is made on this machine, of this whole process: decoders and encoders share four threads with everything that
 * reads and writes files, so two of them stay free. Whoever waits here when its signal aborts is not begun.
 */
export const handwork = bulkhead(2, Infinity);
