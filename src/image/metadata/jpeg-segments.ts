import { ParameterError } from '../../tensor/errors.js';
import { type PictureMetadata, withoutPrefix } from '../png-container.js';

const exifMark = Buffer.from('Exif\0\0', 'latin1');
const xmpMark = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1');
/** A segment states its length in two bytes, which count themselves. */
const LARGEST = 65533;

/**
 * Refuses metadata that a segment of a JPEG file cannot hold.
 * @throws ParameterError
 */
export function requireSegments({ exif, xmp }: PictureMetadata): void {
  const most = LARGEST - exifMark.length;
  const length = exif === undefined ? 0 : withoutPrefix(exif).length;
  const [what, own, limit] =
    length > most ? ['EXIF', length, most] : ['XMP', xmp?.length ?? 0, LARGEST - xmpMark.length];
  if (own > limit)
    throw new ParameterError(
      'format',
      `one that holds ${what} of ${own} bytes`,
      `jpeg, which holds ${limit}`,
      'Use png, tiff, webp or avif, or strip metadata.',
    );
}

/** A JPEG file with EXIF and XMP as they are, behind its first segments. */
export function withSegments(jpeg: Uint8Array, { exif, xmp }: PictureMetadata): Uint8Array {
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
