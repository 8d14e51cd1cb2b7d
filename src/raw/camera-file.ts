import type { Camera } from '../degradation/camera/camera.js';
import { type ColourMatrix, invertColourMatrix } from '../degradation/camera/colour-matrix.js';
import { packMosaic } from './bayer.js';
import type { RawFrame } from './frame.js';
import type { DecodedMosaic } from './libraw/protocol.js';

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
