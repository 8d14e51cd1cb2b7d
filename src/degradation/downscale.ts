import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { type Contributions, resizeBicubic, resizeColumns, resizeRows } from './bicubic-resize.js';
import { checkColour, type Degradation, roundToBytes } from './degradation.js';
import type { DownscaleSettings } from './settings.js';

/**
 * Reduces images by a factor; sides of the result are rounded up. `bicubic` is `resizeBicubic`,
 * `area` the mean of what an output pixel covers, `bilinear` the interpolation at its centre without
 * antialiasing, `nearest` the pixel at its centre.
 */
export function downscale(settings: Omit<DownscaleSettings, 'kind'>): Degradation {
  const { scale, method, round } = settings;
  return {
    name: `reduction by ${scale}, ${method}`,
    scale,
    margin: scale === 1 ? 0 : Math.ceil(reaches[method] * Math.ceil(scale)),
    apply: (image) => {
      checkColour(image);
      const reduced = reduce(image, scale, method);
      if (!round) return reduced;
      return tensor(reduced.shape, roundToBytes(reduced.data.slice()));
    },
  };
}

// Output pixels around an output pixel that share its input pixels.
const reaches = { bicubic: 2, area: 0, bilinear: 1, nearest: 0 } as const;

/** @throws ParameterError for an image without pixels. */
function reduce(image: Tensor, scale: number, method: DownscaleSettings['method']): Tensor {
  if (scale === 1) return image;
  if (method === 'bicubic') return resizeBicubic(image, { scale: 1 / scale });
  const [planes = 0, height = 0, width = 0] = image.shape;
  if (height === 0 || width === 0)
    throw new ParameterError('image', 'at least one pixel', image.shape);
  const vertical = tables(height, scale, method);
  const horizontal = tables(width, scale, method);
  const columns = resizeColumns(image.data, planes, height, width, vertical);
  const rows = planes * vertical.outputLength;
  return tensor(
    [planes, vertical.outputLength, horizontal.outputLength],
    resizeRows(columns, rows, width, horizontal),
  );
}

type Method = Exclude<DownscaleSettings['method'], 'bicubic'>;

function tables(length: number, scale: number, method: Method): Contributions {
  // 3 * (1 / 3) style rounding noise must not add a row.
  const outputLength = Math.ceil((length / scale) * (1 - 4 * Number.EPSILON));
  const taps = { area: Math.ceil(scale) + 1, bilinear: 2, nearest: 1 }[method];
  const indices = new Int32Array(outputLength * taps);
  const weights = new Float64Array(outputLength * taps);
  const inside = (position: number) => Math.min(Math.max(position, 0), length - 1);
  for (let output = 0; output < outputLength; output++) {
    const from = output * scale;
    const to = Math.min(from + scale, length);
    const centre = from + (scale - 1) / 2;
    const first = { area: from, bilinear: centre, nearest: from + scale / 2 }[method];
    const start = Math.floor(first);
    for (let tap = 0; tap < taps; tap++) {
      const position = start + tap;
      indices[output * taps + tap] = inside(position);
      weights[output * taps + tap] = {
        area: Math.max(0, Math.min(position + 1, to) - Math.max(position, from)) / (to - from),
        bilinear: 1 - Math.abs(centre - position),
        nearest: 1,
      }[method];
    }
  }
  return { outputLength, taps, indices, weights };
}
