const orientationTag = 0x0112;

/**
 * A copy of an EXIF block whose orientation, if it has one, says "upright": for pixels that have
 * been turned already. A block that cannot be followed is copied as it is.
 * @param exif with or without the leading "Exif\0\0".
 */
export function uprightExif(exif: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(exif);
  const start = String.fromCharCode(...copy.subarray(0, 6)) === 'Exif\0\0' ? 6 : 0;
  const view = new DataView(copy.buffer, start);
  if (view.byteLength < 8) return copy;
  const littleEndian = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, littleEndian);
  if (directory + 2 > view.byteLength) return copy;
  const count = view.getUint16(directory, littleEndian);
  for (let index = 0; index < count; index++) {
    const entry = directory + 2 + 12 * index;
    if (entry + 12 > view.byteLength) break;
    if (view.getUint16(entry, littleEndian) === orientationTag)
      view.setUint16(entry + 8, 1, littleEndian);
  }
  return copy;
}

/** Which pixels an ICC profile speaks of, by its header's colour space. */
export function iccColourSpace(icc: Uint8Array): 'rgb' | 'grey' | 'other' {
  const signature = String.fromCharCode(...icc.subarray(16, 20));
  if (signature === 'RGB ') return 'rgb';
  return signature === 'GRAY' ? 'grey' : 'other';
}
