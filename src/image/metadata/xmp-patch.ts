/**
 * A copy of an XMP packet that says "upright", for pixels that have been turned already. A packet
 * that is no UTF-8 is copied as it is.
 */
export function uprightXmp(xmp: Uint8Array): Uint8Array {
  return patched(xmp, { 'tiff:Orientation': 1 });
}

/** A copy of an XMP packet whose statements of the picture's size, if it has them, say this one. */
export function sizedXmp(
  xmp: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  return patched(xmp, {
    'tiff:ImageWidth': width,
    'tiff:ImageLength': height,
    'exif:PixelXDimension': width,
    'exif:PixelYDimension': height,
  });
}

/** Changes numbers that stand as attributes or as elements. */
function patched(xmp: Uint8Array, values: Readonly<Record<string, number>>): Uint8Array {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(xmp);
  } catch {
    return Uint8Array.from(xmp);
  }
  for (const [name, value] of Object.entries(values))
    text = text
      .replace(new RegExp(`(\\s${name}\\s*=\\s*["'])\\d+(["'])`, 'g'), `$1${value}$2`)
      .replace(new RegExp(`(<${name}>\\s*)\\d+(\\s*</${name}>)`, 'g'), `$1${value}$2`);
  return new TextEncoder().encode(text);
}
