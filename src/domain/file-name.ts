import { extensionOf } from './media-type.js';

/** What a file's name is made of. */
export interface NamedFile {
  action: string;
  createdAt: number;
  /** The generation's or the item's. */
  id: string;
  /** Its place in the generation, from 0. */
  index: number;
  contentType: string;
}

/**
 * What a file is called when it is saved, such as `image-generate-2026-11-23-5d9c01e7-1.png`. Never from the prompt: names are
 * in links, and links end up in logs. Only A-Z a-z 0-9 - and a dot.
 */
export function fileNameOf({ action, createdAt, id, index, contentType }: NamedFile): string {
  const day = new Date(createdAt).toISOString().slice(0, 10);
  // Ids begin with their time: those of one minute are told apart by their ends.
  const short = plain(id).slice(-8);
  return `${plain(action)}-${day}-${short}-${index + 1}.${extensionOf(contentType)}`;
}

function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 64);
}
