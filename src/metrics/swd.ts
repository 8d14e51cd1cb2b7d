import { ParameterError } from '../utils/errors.js';
import type { Metric, SetMetric } from './metric.js';
import { prepareSlicedWasserstein, type SwdSketch, sketchImage } from './sliced-wasserstein.js';

/** Those of every score named `swd`: its version changes with them. */
const swdSettings = { levels: 4, patches: 128, directions: 64, seed: 0 } as const;
const levelLength = swdSettings.patches * swdSettings.directions;

/**
 * The sliced Wasserstein distance between the patches of all results and those of all targets, mean
 * over four levels of the Laplacian pyramid, in units of 1/255; see `slicedWasserstein`. Sketches
 * hold projections onto the same directions for every image.
 */
export const swd: Metric & { open(): SetMetric } = {
  name: 'swd',
  title: 'sliced Wasserstein distance between the patches of all results and of all targets',
  input: 'set',
  judges: 'perception',
  isDefault: false,
  colourSpaces: ['rgb'],
  open: () => ({
    name: 'swd',
    input: 'set',
    direction: 'lower',
    range: [0, Infinity],
    unit: '1/255',
    colourSpace: 'rgb',
    border: 0,
    version: '1',
    sketch: (image) => encodeSketch(sketchImage(image, swdSettings)),
    prepare: (results, references) => {
      const resampled = prepareSlicedWasserstein(
        results.map(decodeSketch),
        references.map(decodeSketch),
      );
      return (picks) => resampled(picks).mean;
    },
  }),
};

/** Levels one after another, floats of 4 bytes, little end first. */
function encodeSketch({ levels }: SwdSketch): Uint8Array {
  const bytes = new Uint8Array(4 * swdSettings.levels * levelLength);
  const view = new DataView(bytes.buffer);
  levels.forEach((values, level) => {
    values.forEach((value, index) => {
      view.setFloat32(4 * (level * levelLength + index), value, true);
    });
  });
  return bytes;
}

function decodeSketch(bytes: Uint8Array): SwdSketch {
  const expected = 4 * swdSettings.levels * levelLength;
  if (bytes.length !== expected)
    throw new ParameterError('sketch', `${expected} bytes`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const levels = Array.from({ length: swdSettings.levels }, (_, level) =>
    Float32Array.from({ length: levelLength }, (_, index) =>
      view.getFloat32(4 * (level * levelLength + index), true),
    ),
  );
  return { settings: swdSettings, levels };
}
