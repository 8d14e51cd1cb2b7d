import { extname } from 'node:path';
import { cameraFrame } from './camera-file.js';
import { completeLimits, type RawFrame, type RawLimits } from './frame.js';
import { openRawDecoder, type RawDecoder } from './libraw/raw-decoder.js';
import { isMosaicFile, readMosaic } from './mosaic-file/read-mosaic.js';
import { readBytes } from './raw-bytes.js';
import { prepareDng } from './tiff/dng.js';

/** Extensions that are taken for RAW files where a folder is read. */
export const rawExtensions: readonly string[] = [
  ...['3fr', 'arw', 'cr2', 'cr3', 'crw', 'dcr', 'dng', 'erf', 'fff', 'iiq', 'kdc', 'mef', 'mos'],
  ...['mrw', 'nef', 'nrw', 'orf', 'pef', 'raf', 'raw', 'rw2', 'rwl', 'sr2', 'srf', 'srw', 'x3f'],
  ...['png', 'tif', 'tiff'],
];

/** Whether a name ends like that of a RAW file or of a mosaic in a picture file. */
export function hasRawExtension(name: string): boolean {
  return rawExtensions.includes(extname(name).slice(1).toLowerCase());
}

/**
 * Reads one RAW frame: DNG and the cameras' own formats through LibRaw, or a mosaic in a 16-bit PNG
 * or TIFF with NAME.json beside it. Linear, black at 0 and white at 1, in the phase RGGB; neither
 * turned nor balanced, which the metadata tell. Lens corrections that a file asks for are not made.
 * @throws InputError for a file that is missing, damaged or has no Bayer mosaic; LimitError beyond
 * a limit, before samples are decoded.
 */
export async function readRawFrame(path: string, limits?: RawLimits): Promise<RawFrame> {
  const decoder = openRawDecoder();
  try {
    return await readFrameWith(decoder, path, limits);
  } finally {
    await decoder.close();
  }
}

/** As readRawFrame, with a decoder that serves many files. */
export async function readFrameWith(
  decoder: RawDecoder,
  path: string,
  limits?: RawLimits,
): Promise<RawFrame> {
  const complete = completeLimits(limits);
  const bytes = await readBytes(path, complete.maxBytes);
  if (isMosaicFile(path, bytes)) return await readMosaic(path, bytes, complete);
  const narrowed = prepareDng(path, bytes, complete.maxPixels);
  const frame = cameraFrame(path, await decoder.decode(path, bytes, complete));
  if (!narrowed) return frame;
  return { ...frame, notes: [...frame.notes, 'its last two columns were left out'] };
}
