import { type BayerPhase, bayerPhases } from '../bayer.js';
import type { Orientation } from '../frame.js';
import type { DecodedMosaic } from './protocol.js';
import { Refusal } from './refusal.js';
import type { LibRawMetadata } from './wasm.js';

// By LibRaw's code, in which 1 mirrors left and right, 2 up and down, and 4 exchanges the axes.
const orientations: readonly Orientation[] = [1, 2, 4, 3, 5, 8, 6, 7];
const smallestSide = 4;

/** What is known of a file before its samples are unpacked. */
export interface Description
  extends Omit<DecodedMosaic, 'samples' | 'stride' | 'top' | 'left' | 'black' | 'white' | 'notes'> {
  readonly rawWidth: number;
  readonly rawHeight: number;
}

/**
 * LibRaw's description of a file in this project's terms.
 * @throws Refusal where the file has no Bayer mosaic, or a larger one than `maxPixels`.
 */
export function describe(metadata: LibRawMetadata, maxPixels: number): Description {
  const { raw_width: rawWidth, raw_height: rawHeight, flip } = metadata;
  if (rawWidth * rawHeight > maxPixels)
    throw new Refusal(
      'limit',
      `the sensor has ${rawWidth} x ${rawHeight} samples, the limit is ${maxPixels}; raise \`limits.maxPixels\` to read it`,
    );
  // LibRaw exchanges the sides of pictures that are to be turned.
  const turned = flip >= 5;
  const width = turned ? metadata.height : metadata.width;
  const height = turned ? metadata.width : metadata.height;
  if (width < smallestSide || height < smallestSide || width > rawWidth || height > rawHeight)
    throw new Refusal('input', `its exposed part of ${width} x ${height} samples means nothing`);
  return {
    rawWidth,
    rawHeight,
    width,
    height,
    phase: phaseOf(metadata),
    ...coloursOf(metadata),
    orientation: orientations[flip] ?? 1,
    exposureSeconds: metadata.shutter,
    iso: metadata.iso_speed,
    aperture: metadata.aperture,
    make: metadata.camera_make,
    model: metadata.camera_model,
  };
}

/** `filters` holds two bits for each place of eight rows by two columns. */
function phaseOf({ filters, cdesc, colors }: LibRawMetadata): BayerPhase {
  const cell = filters & 255;
  const repeats = [8, 16, 24].every((shift) => ((filters >>> shift) & 255) === cell);
  const letters = [0, 2, 4, 6].map((shift) => cdesc[(cell >> shift) & 3]).join('');
  const phase = bayerPhases.find((name) => name === letters);
  if (phase === undefined || !repeats || colors !== 3)
    throw new Refusal(
      'input',
      'has no mosaic of red, green and blue in cells of 2 x 2 (as X-Trans, Foveon, linear and monochrome files have none), which is what bursts are made of',
    );
  return phase;
}

function coloursOf({
  color_data: { cam_mul: shot, pre_mul: daylight, rgb_cam: rows },
}: LibRawMetadata): Pick<DecodedMosaic, 'asShot' | 'daylight' | 'cameraToRgb'> {
  const matrix = rows.slice(0, 3).flatMap((row) => row.slice(0, 3));
  const identity = matrix.every((value, at) => value === (at % 4 === 0 ? 1 : 0));
  return {
    ...(areFactors(shot) && { asShot: shot.slice(0, 3) }),
    ...(areFactors(daylight) && { daylight: daylight.slice(0, 3) }),
    ...(!identity && matrix.every(Number.isFinite) && { cameraToRgb: matrix }),
  };
}

function areFactors(factors: readonly number[]): boolean {
  return factors.slice(0, 3).every((factor) => factor > 0 && Number.isFinite(factor));
}
