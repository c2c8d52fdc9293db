import type { Readable } from 'node:stream';

/**
 * Where files lie. Keys are `folder/…/name.ext`, made by the use cases. A file is received on this machine first (bounded,
 * checksummed, looked at), then put: it appears whole or not at all.
 */
export interface Assets {
  /** Streams content into a file of its own on this machine. Rejects with `TooLarge`, or the signal's reason; leaves nothing behind. */
  receive(content: Content, limits: { maxBytes: number; signal?: AbortSignal }): Promise<Received>;
  /** Makes a received file the asset `key`, replacing what was there. The received file stays until it is discarded. */
  put(key: string, received: Received, contentType: string): Promise<void>;
  /** Null when there is no such file. `range` is inclusive, within the file. */
  open(key: string, range?: ByteRange): Promise<OpenedAsset | null>;
  /** Size in bytes; null when there is no such file. */
  size(key: string): Promise<number | null>;
  /** Copies one asset to another key; false when there is no such file. */
  copy(from: string, to: string, contentType: string): Promise<boolean>;
  /** Removing what is not there is no error. */
  remove(key: string): Promise<void>;
}

export type Content = Uint8Array | AsyncIterable<Uint8Array>;

export interface Received {
  /** Where it lies on this machine, until it is discarded. */
  path: string;
  bytes: number;
  /** Hex. */
  sha256: string;
  discard(): Promise<void>;
}

export interface ByteRange {
  start: number;
  end: number;
}

export interface OpenedAsset {
  /** Of the range, if one was asked for. */
  stream: Readable;
  /** Size of the whole file. */
  bytes: number;
}

/** More than the bytes allowed. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
  constructor(readonly maxBytes: number) {
    super(`The file has more than ${maxBytes} bytes.`);
  }
}
