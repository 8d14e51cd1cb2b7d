import { extname } from 'node:path';
import { ParameterError } from '../tensor/errors.js';

/** File formats that pictures are read from and written to. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'tiff' | 'avif';

const extensions: Record<string, PictureFormat> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.avif': 'avif',
};

/**
 * The format that a path's extension asks for, in either case.
 * @throws ParameterError for another extension or none.
 */
export function formatFromPath(path: string): PictureFormat {
  const format = extensions[extname(path).toLowerCase()];
  if (format === undefined)
    throw new ParameterError(
      'output',
      `a name ending in ${Object.keys(extensions).join(', ')}`,
      path,
    );
  return format;
}

/** The format that a file's first bytes announce; undefined where it is none that is read. */
export function detectFormat(bytes: Uint8Array): PictureFormat | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 32));
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return 'webp';
  // The second pair are BigTIFF's.
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((mark) => head.startsWith(mark))) return 'tiff';
  if (head.startsWith('ftyp', 4) && /avi[fs]/.test(head.slice(8))) return 'avif';
  return undefined;
}
