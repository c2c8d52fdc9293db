/** The size of a JPEG, from its start-of-frame segment. Throws when there is none before the scan. */
export function sizeOfJpeg(bytes: Uint8Array): { width: number; height: number } {
  const file = Buffer.from(bytes);
  if (file.readUInt16BE(0) !== 0xffd8) throw new Error('not a JPEG');
  for (let at = 2; at + 9 < file.length;) {
    const marker = file.readUInt16BE(at);
    // SOF0 to SOF15, but for the tables (DHT, JPG, DAC) among these numbers.
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      return { height: file.readUInt16BE(at + 5), width: file.readUInt16BE(at + 7) };
    }
    if (marker === 0xffda) break;
    at += 2 + file.readUInt16BE(at + 2);
  }
  throw new Error('no frame');
}
