/** Where delivered files lie. Keys are `account-digest/generation/index.ext`, made by the use case. */
export interface Assets {
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Null when there is no such file. */
  open(key: string): Promise<NodeJS.ReadableStream | null>;
  remove(key: string): Promise<void>;
}
