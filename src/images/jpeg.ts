import { ParameterError } from '../utils/errors.js';
import type { ReadRange } from './format.js';
import { type ImageMetadata, withoutPrefix } from './metadata.js';

const exifMark = Buffer.from('Exif\0\0', 'latin1');
const xmpMark = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1');
/** A segment states its length in two bytes, which count themselves. */
const LARGEST = 65533;

/**
 * Refuses metadata that a segment of a JPEG file cannot hold.
 * @throws ParameterError
 */
export function requireSegments({ exif, xmp }: ImageMetadata): void {
  const most = LARGEST - exifMark.length;
  const length = exif === undefined ? 0 : withoutPrefix(exif).length;
  const [what, size, limit] =
    length > most ? ['EXIF', length, most] : ['XMP', xmp?.length ?? 0, LARGEST - xmpMark.length];
  if (size > limit)
    throw new ParameterError(
      'format',
      `one that holds ${what} of ${size} bytes`,
      `jpeg, which holds ${limit}`,
      'Use png, tiff, webp or avif, or strip metadata.',
    );
}

/** A JPEG file with EXIF and XMP as they are, behind its first segments. */
export function withSegments(jpeg: Uint8Array, { exif, xmp }: ImageMetadata): Uint8Array {
  const parts: Uint8Array[] = [];
  if (exif !== undefined) parts.push(...segment(exifMark, withoutPrefix(exif)));
  if (xmp !== undefined) parts.push(...segment(xmpMark, xmp));
  if (parts.length === 0) return jpeg;
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  const hasJfif = view.getUint16(2) === 0xffe0;
  const start = hasJfif ? 4 + view.getUint16(4) : 2;
  return Buffer.concat([jpeg.subarray(0, start), ...parts, jpeg.subarray(start)]);
}

function segment(mark: Uint8Array, content: Uint8Array): Uint8Array[] {
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(2 + mark.length + content.length, 2);
  return [head, mark, content];
}

const [SOI, EOI, SOS, STUFFED, FILL] = [0xd8, 0xd9, 0xda, 0x00, 0xff];
/** Bytes that are looked through at a time. */
const CHUNK = 2 ** 20;

/**
 * Scans of a JPEG file, as far as its decoder would go through them: each costs as much as a pass
 * over all pixels, while it may take no more than a few bytes of the file.
 * @param most where counting stops.
 */
export async function countScans(read: ReadRange, most: number): Promise<number> {
  let scans = 0;
  let at = 0;
  let components = 0;
  let isProgressive = false;
  while (scans < most) {
    const marker = await nextMarker(read, at);
    if (marker === undefined || marker.code === EOI) break;
    at = marker.at + 2;
    if (marker.code === SOI) continue;
    const head = await read(at, 8);
    const length = head.length < 2 ? 0 : (head[0]! << 8) | head[1]!;
    if (length < 2) break;
    if (isFrame(marker.code)) {
      components = head[7] ?? 0;
      isProgressive = marker.code % 4 === 2;
    } else if (marker.code === SOS) {
      scans += 1;
      // A decoder is done with the first scan of all components.
      if (!isProgressive && head[2] === components) break;
    }
    at += length;
  }
  return scans;
}

/** Frames of DCT coding, which decoders read: baseline, extended and progressive. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);
}

/** The next marker from a place on, past coded data and their restart markers. */
async function nextMarker(
  read: ReadRange,
  from: number,
): Promise<{ readonly at: number; readonly code: number } | undefined> {
  for (let start = from; ; ) {
    const bytes = await read(start, CHUNK);
    if (bytes.length < 2) return undefined;
    let at = bytes.indexOf(0xff);
    while (at >= 0 && at + 1 < bytes.length) {
      const code = bytes[at + 1]!;
      const isData = code === STUFFED || code === FILL || (code >= 0xd0 && code <= 0xd7);
      if (!isData) return { at: start + at, code };
      at = bytes.indexOf(0xff, at + 1);
    }
    // The byte at the end may begin a marker.
    start += at < 0 ? bytes.length : Math.max(1, at);
  }
}
