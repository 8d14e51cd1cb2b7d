import { ParameterError } from '../../tensor/errors.js';
import type { SetMetric } from './set-metric.js';
import { prepareSlicedWasserstein, type SwdSketch, sketchImage } from './sliced-wasserstein.js';

/** Those of every figure called `swd`: its version changes with them. */
const settings = { levels: 4, patches: 128, directions: 64, seed: 0 } as const;
const levelLength = settings.patches * settings.directions;

/**
 * The sliced Wasserstein distance between the patches of all results and those of all targets, mean
 * over four levels of the Laplacian pyramid, in units of 1/255; see `slicedWasserstein`. Sketches
 * hold projections onto the same directions for every image.
 */
export const swd: SetMetric = {
  name: 'swd',
  title: 'sliced Wasserstein distance between the patches of all results and of all targets',
  judges: 'perception',
  direction: 'lower',
  range: [0, Infinity],
  unit: '1/255',
  colourSpace: 'rgb',
  border: 0,
  version: '1',
  sketch: (image) => encode(sketchImage(image, settings)),
  prepare: (results, targets) => {
    const resampled = prepareSlicedWasserstein(results.map(decode), targets.map(decode));
    return (picks) => resampled(picks).mean;
  },
};

/** Levels one after another, floats of 4 bytes, little end first. */
function encode({ levels }: SwdSketch): Uint8Array {
  const bytes = new Uint8Array(4 * settings.levels * levelLength);
  const view = new DataView(bytes.buffer);
  levels.forEach((values, level) => {
    values.forEach((value, place) => {
      view.setFloat32(4 * (level * levelLength + place), value, true);
    });
  });
  return bytes;
}

function decode(bytes: Uint8Array): SwdSketch {
  const expected = 4 * settings.levels * levelLength;
  if (bytes.length !== expected)
    throw new ParameterError('sketch', `${expected} bytes`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const levels = Array.from({ length: settings.levels }, (_, level) =>
    Float32Array.from({ length: levelLength }, (_, place) =>
      view.getFloat32(4 * (level * levelLength + place), true),
    ),
  );
  return { settings, levels };
}
