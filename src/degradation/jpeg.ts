import { integerAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { checkColour, type Degradation, seedAt } from './degradation.js';
import type { JpegSettings } from './settings.js';

/**
 * What JPEG of a quality drawn per image leaves of an image. A crop is coded as in the whole
 * image where it begins at a multiple of the margin.
 */
export function jpeg({ quality, chroma }: JpegSettings): Degradation {
  const { minimum, maximum } = quality;
  return {
    name: 'JPEG',
    scale: 1,
    margin: chroma === '4:2:0' ? 16 : 8,
    apply: (image, key) => {
      const drawn = minimum + integerAt(seedAt(key), 0, 0, maximum - minimum + 1);
      return throughJpeg(image, drawn, chroma);
    },
  };
}

/**
 * An image as a decoder returns it from a baseline JPEG file: 8-bit YCbCr of JFIF, chroma halved
 * or not, 8x8 cosine transforms quantised by the standard's tables. Entropy coding loses nothing
 * and is left out.
 *
 * @param image [3, H, W] in [0, 1]; it is clamped and rounded to 8 bits first.
 * @param quality integer in [1, 100] of the Independent JPEG Group's scale.
 * @returns [3, H, W], multiples of 1/255.
 * @throws ParameterError for another shape or quality.
 */
export function throughJpeg(
  image: Tensor,
  quality: number,
  chroma: JpegSettings['chroma'] = '4:2:0',
): Tensor {
  checkColour(image);
  if (!Number.isInteger(quality) || quality < 1 || quality > 100)
    throw new ParameterError('quality', 'an integer in [1, 100]', quality);
  const [, height = 0, width = 0] = image.shape;
  const tables = quantisationTables(quality);
  const [luma, blue, red] = toYcc(image.data, height, width);
  const code = (plane: Plane): Plane =>
    chroma === '4:2:0'
      ? double(codePlane(halve(plane), tables.chrominance), height, width)
      : codePlane(plane, tables.chrominance);
  const coded = [codePlane(luma, tables.luminance), code(blue), code(red)] as const;
  return tensor(image.shape, fromYcc(coded));
}

function toYcc(data: Float32Array, height: number, width: number): [Plane, Plane, Plane] {
  const area = height * width;
  const [luma, blue, red] = [0, 1, 2].map(() => new Float32Array(area)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const byte = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 255);
  for (let at = 0; at < area; at++) {
    const r = byte(data[at]!);
    const g = byte(data[area + at]!);
    const b = byte(data[2 * area + at]!);
    luma[at] = Math.floor(0.299 * r + 0.587 * g + 0.114 * b + 0.5);
    blue[at] = Math.floor(-0.168735892 * r - 0.331264108 * g + 0.5 * b + 128.499992);
    red[at] = Math.floor(0.5 * r - 0.418687589 * g - 0.081312411 * b + 128.499992);
  }
  const plane = (samples: Float32Array): Plane => ({ data: samples, height, width });
  return [plane(luma), plane(blue), plane(red)];
}

function fromYcc([luma, blue, red]: readonly [Plane, Plane, Plane]): Float32Array {
  const area = luma.data.length;
  const result = new Float32Array(3 * area);
  const unit = (value: number) => Math.min(255, Math.max(0, value)) / 255;
  for (let at = 0; at < area; at++) {
    const y = luma.data[at]!;
    const cb = blue.data[at]! - 128;
    const cr = red.data[at]! - 128;
    result[at] = unit(y + Math.floor(1.402 * cr + 0.5));
    result[area + at] = unit(y + Math.floor(-0.344136286 * cb - 0.714136286 * cr + 0.5));
    result[2 * area + at] = unit(y + Math.floor(1.772 * cb + 0.5));
  }
  return result;
}

/**
 * Means of 2x2 pixels, halves rounded down and up alternately so that the mean does not drift; sides round up.
 * The last column of the image is repeated until rows fill whole blocks.
 */
function halve({ data, height, width }: Plane): Plane {
  const rows = Math.ceil(height / 2);
  const columns = 8 * Math.ceil(width / 16);
  const result = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const upper = 2 * y * width;
    const lower = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < columns; x++) {
      const left = Math.min(2 * x, width - 1);
      const right = Math.min(2 * x + 1, width - 1);
      const sum =
        data[upper + left]! + data[upper + right]! + data[lower + left]! + data[lower + right]!;
      result[y * columns + x] = Math.floor((sum + 1 + (x & 1)) / 4);
    }
  }
  return { data: result, height: rows, width: columns };
}

/**
 * Twice as many pixels along each axis by the triangle filter of decoders: three parts of the
 * nearest pixel and one of the next. Planes of one or two columns are repeated, as there.
 * @param height of the result; of the plane as many rows and columns count as that takes.
 */
export function double(plane: Plane, height: number, width: number): Plane {
  const { data, height: rows, width: stride } = plane;
  const columns = Math.ceil(width / 2);
  const result = new Float32Array(height * width);
  const mixed = new Float32Array(columns);
  for (let y = 0; y < height; y++) {
    const near = y >> 1;
    if (columns <= 2) {
      for (let x = 0; x < width; x++) result[y * width + x] = data[near * stride + (x >> 1)]!;
      continue;
    }
    const far = Math.min(Math.max(near + (y & 1 ? 1 : -1), 0), rows - 1);
    for (let x = 0; x < columns; x++)
      mixed[x] = 3 * data[near * stride + x]! + data[far * stride + x]!;
    for (let x = 0; x < width; x++) {
      const column = x >> 1;
      const next = Math.min(Math.max(column + (x & 1 ? 1 : -1), 0), columns - 1);
      result[y * width + x] = Math.floor((3 * mixed[column]! + mixed[next]! + 8 - (x & 1)) / 16);
    }
  }
  return { data: result, height, width };
}

/** Samples 0 to 255. */
export interface Plane {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
}

// The orthonormal cosine transform of eight samples: row k, column n.
const cosines = Float64Array.from({ length: 64 }, (_, at) => {
  const k = at >> 3;
  const n = at & 7;
  return (k === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * n + 1) * k * Math.PI) / 16);
});

/**
 * What is left of a plane after its 8x8 blocks have been transformed, quantised and transformed
 * back, rounded and clamped to 0 to 255. Incomplete blocks are filled with the last pixel.
 */
function codePlane({ data, height, width }: Plane, table: QuantisationTable): Plane {
  const result = new Float32Array(height * width);
  const block = new Float64Array(64);
  const scratch = new Float64Array(64);
  for (let top = 0; top < height; top += 8)
    for (let left = 0; left < width; left += 8) {
      for (let at = 0; at < 64; at++) {
        const y = Math.min(top + (at >> 3), height - 1);
        const x = Math.min(left + (at & 7), width - 1);
        block[at] = data[y * width + x]! - 128;
      }
      forwardRows(block, scratch);
      forwardRows(scratch, block);
      for (let at = 0; at < 64; at++) {
        const step = table[at]!;
        // Coders have coefficients in eighths, which makes exact halves of steps frequent.
        const eighths = Math.floor(8 * Math.abs(block[at]!) + 0.5);
        const steps = Math.floor((eighths + 4 * step) / (8 * step));
        block[at] = block[at]! < 0 ? -steps * step : steps * step;
      }
      inverseRows(block, scratch);
      inverseRows(scratch, block);
      const bottom = Math.min(8, height - top);
      const right = Math.min(8, width - left);
      for (let y = 0; y < bottom; y++)
        for (let x = 0; x < right; x++) {
          const sample = Math.floor(block[8 * y + x]! + 128.5);
          result[(top + y) * width + left + x] = Math.min(255, Math.max(0, sample));
        }
    }
  return { data: result, height, width };
}

/** Transforms the rows and writes them as columns; done twice it transforms the block. */
function forwardRows(from: Float64Array, to: Float64Array): void {
  for (let row = 0; row < 8; row++) {
    const at = 8 * row;
    for (let k = 0; k < 8; k++) {
      let sum = 0;
      for (let n = 0; n < 8; n++) sum += cosines[8 * k + n]! * from[at + n]!;
      to[8 * k + row] = sum;
    }
  }
}

function inverseRows(from: Float64Array, to: Float64Array): void {
  for (let row = 0; row < 8; row++) {
    const at = 8 * row;
    for (let n = 0; n < 8; n++) {
      let sum = 0;
      for (let k = 0; k < 8; k++) sum += cosines[8 * k + n]! * from[at + k]!;
      to[8 * n + row] = sum;
    }
  }
}

/** Quantisation steps of 64 coefficients, row by row. */
type QuantisationTable = readonly number[];

// ITU-T T.81 (1992), tables K.1 and K.2.
const luminance: QuantisationTable = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
  92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const chrominance: QuantisationTable = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
  47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/**
 * The tables of the standard scaled by a quality as the Independent JPEG Group does it.
 * @param quality integer in [1, 100].
 */
export function quantisationTables(quality: number): {
  readonly luminance: QuantisationTable;
  readonly chrominance: QuantisationTable;
} {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  const scaled = (table: QuantisationTable) =>
    table.map((step) => Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))));
  return { luminance: scaled(luminance), chrominance: scaled(chrominance) };
}
