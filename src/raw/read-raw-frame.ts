import { extname } from 'node:path';
import type { Camera } from '../degradation/camera/camera.js';
import { type ColourMatrix, invertColourMatrix } from '../degradation/camera/colour-matrix.js';
import { BeyondBytes, readInput, unreadableInput } from '../files/input-file.js';
import { InputError, LimitError } from '../utils/errors.js';
import { prepareDng } from './dng.js';
import { completeLimits, packMosaic, type RawFrame, type RawLimits } from './frame.js';
import { type DecodedMosaic, openRawDecoder, type RawDecoder } from './libraw/raw-decoder.js';
import { isMosaicFile, readMosaic } from './mosaic-file.js';

/** Extensions that are taken for RAW files where a folder is read. */
const rawExtensions: readonly string[] = [
  ...['3fr', 'arw', 'cr2', 'cr3', 'crw', 'dcr', 'dng', 'erf', 'fff', 'iiq', 'kdc', 'mef', 'mos'],
  ...['mrw', 'nef', 'nrw', 'orf', 'pef', 'raf', 'raw', 'rw2', 'rwl', 'sr2', 'srf', 'srw', 'x3f'],
  ...['png', 'tif', 'tiff'],
];

/** Whether a name ends like that of a RAW file or of a mosaic in an image file. */
export function hasRawExtension(name: string): boolean {
  return rawExtensions.includes(extname(name).slice(1).toLowerCase());
}

/**
 * Reads one RAW frame: DNG and the cameras' own formats through LibRaw, or a mosaic in a 16-bit PNG
 * or TIFF with NAME.json beside it. Linear, black at 0 and white at 1, in the phase RGGB; neither
 * rotated nor white-balanced; the metadata state both. Lens corrections of a file are not applied.
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
  return { ...frame, notes: [...frame.notes, 'its last two columns were dropped'] };
}

const identity: ColourMatrix = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** A frame out of what the decoder read from a camera's file. */
export function cameraFrame(name: string, mosaic: DecodedMosaic): RawFrame {
  const { camera, notes } = cameraOf(mosaic);
  const { exposureSeconds, iso, aperture, make, model } = mosaic;
  return {
    name,
    packed: packMosaic(mosaic),
    metadata: {
      camera,
      orientation: mosaic.orientation,
      ...(exposureSeconds > 0 && { exposureSeconds }),
      ...(iso > 0 && { iso }),
      ...(aperture > 0 && { aperture }),
      ...(make !== '' && { make }),
      ...(model !== '' && { model }),
    },
    sensor: { width: mosaic.width, height: mosaic.height, phase: mosaic.phase },
    notes: [...mosaic.notes, ...notes],
  };
}

/**
 * White balance relative to green and the matrix behind it, whose rows sum to 1: what balance has
 * made grey stays grey.
 */
export function cameraOf({
  asShot,
  daylight,
  cameraToRgb,
}: Pick<DecodedMosaic, 'asShot' | 'daylight' | 'cameraToRgb'>): {
  readonly camera: Camera;
  readonly notes: readonly string[];
} {
  const notes: string[] = [];
  if (asShot === undefined)
    notes.push(
      daylight === undefined
        ? 'it names no white balance; none is applied'
        : 'it names no white balance; that of daylight was taken',
    );
  const [red = 1, green = 1, blue = 1] = asShot ?? daylight ?? [];
  const gains = { rgb: 1, red: red / green, blue: blue / green };
  const matrices = cameraToRgb && balanced(cameraToRgb);
  if (matrices === undefined)
    notes.push('its colour matrix is unknown; camera colours are taken for sRGB');
  return {
    camera: { gains, ...(matrices ?? { rgbToCamera: identity, cameraToRgb: identity }) },
    notes,
  };
}

function balanced(matrix: ColourMatrix): Omit<Camera, 'gains'> | undefined {
  const sums = [0, 3, 6].map((row) => matrix[row]! + matrix[row + 1]! + matrix[row + 2]!);
  if (!sums.every((sum) => sum > 0)) return undefined;
  const cameraToRgb = matrix.map((value, at) => value / sums[Math.floor(at / 3)]!);
  try {
    return { cameraToRgb, rgbToCamera: invertColourMatrix(cameraToRgb) };
  } catch {
    return undefined;
  }
}

/**
 * The bytes of a file.
 * @throws InputError where it cannot be read; LimitError where it is larger than `maxBytes`.
 */
async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return await readInput(path, maxBytes);
  } catch (cause) {
    if (cause instanceof BeyondBytes)
      throw new LimitError(
        path,
        `the file has ${cause.size} bytes, the limit is ${maxBytes}; raise \`limits.maxBytes\` to read it`,
      );
    if ((cause as NodeJS.ErrnoException).code === 'EISDIR')
      throw new InputError(path, 'this is a folder, expected a RAW file');
    throw unreadableInput(path, cause);
  }
}
