import { extname } from 'node:path';
import { ParameterError } from '../utils/errors.js';

/** File formats that images are written to. */
export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'tiff' | 'avif';

/** File formats that images are read from; HEIF where the decoder has its codec. */
export type ReadFormat = ImageFormat | 'heif';

const extensions: Record<string, ImageFormat> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.avif': 'avif',
};

/** Bytes at the start of a file from which its format is detected. */
export const HEAD_BYTES = 512;

/**
 * The format that a path's extension asks for, in either case.
 * @throws ParameterError for another extension or none.
 */
export function formatFromPath(path: string): ImageFormat {
  const format = extensions[extname(path).toLowerCase()];
  if (format === undefined)
    throw new ParameterError(
      'output',
      `a name ending in ${Object.keys(extensions).join(', ')}`,
      path,
    );
  return format;
}

/**
 * The format of a file by its first bytes; undefined where it cannot be read.
 * @param bytes of the file, HEAD_BYTES or more of them where it has as many.
 */
export function detectFormat(bytes: Uint8Array): ReadFormat | undefined {
  const head = textOf(bytes);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return 'webp';
  // The second pair are BigTIFF's.
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((mark) => head.startsWith(mark))) return 'tiff';
  const brands = brandsOf(head);
  if (brands.some((brand) => /^avi[fs]$/.test(brand))) return 'avif';
  return brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand))
    ? 'heif'
    : undefined;
}

const unsupported: readonly [marks: readonly string[], name: string][] = [
  [['GIF8'], 'a GIF'],
  [['BM'], 'a BMP'],
  [['8BPS'], 'a Photoshop file'],
  [['\xff\x0a', '\0\0\0\x0cJXL '], 'a JPEG XL file'],
  [['\xff\x4f\xff\x51', '\0\0\0\x0cjP  '], 'a JPEG 2000 file'],
  [['v/1\x01'], 'an OpenEXR file'],
  [['#?RADIANCE', '#?RGBE'], 'a Radiance file'],
  [['%PDF'], 'a PDF'],
  [['FUJIFILM', 'IIU\0', 'IIRO', 'IIRS', 'FOVb', '\0MRM'], 'a RAW file'],
  [['<?xml', '<svg'], 'an XML or SVG file'],
];

/** The name of a format that is detected but cannot be read, for messages. */
export function unsupportedFormat(bytes: Uint8Array): string | undefined {
  const head = textOf(bytes);
  const [brand] = brandsOf(head);
  if (brand === 'crx ') return 'a RAW file';
  if (brand !== undefined) return 'a video or similar';
  return unsupported.find(([marks]) => marks.some((mark) => head.startsWith(mark)))?.[1];
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
}

/** The brands of an ISO base media file, the major one first. */
function brandsOf(head: string): string[] {
  if (!head.startsWith('ftyp', 4)) return [];
  const size = (head.charCodeAt(2) << 8) | head.charCodeAt(3);
  const brands = [head.slice(8, 12)];
  const end = Math.min(size, head.length);
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.slice(at, at + 4));
  return brands;
}

/** Reads up to `length` bytes from `offset`; fewer at the end. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>;

/** Reads from memory. */
export function rangeReader(bytes: Uint8Array): ReadRange {
  return async (offset, length) => bytes.subarray(offset, offset + length);
}
