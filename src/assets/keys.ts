// At least two parts and an extension, so that no key can be a directory of another; `incoming` is the disk's own.
const KEY = /^(?!incoming\/)(?:[A-Za-z0-9_-]{1,128}\/){1,7}[A-Za-z0-9_-]{1,128}\.[a-z0-9]{1,8}$/;

/** The key as it is; throws when it is malformed. */
export function checkedKey(key: string): string {
  if (KEY.test(key)) return key;
  throw new Error(
    `Malformed asset key ${JSON.stringify(key)}: use name/name.ext of A-Z a-z 0-9 _ -.`,
  );
}
