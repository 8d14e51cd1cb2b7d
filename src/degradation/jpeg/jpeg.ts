import { ParameterError } from '../../tensor/errors.js';
import { integerAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { checkColour } from '../camera/shapes.js';
import type { Degradation } from '../degradation.js';
import { seedAt } from '../place.js';
import type { JpegSettings } from '../settings.js';
import { double, halve } from './chroma.js';
import { codePlane, type Plane } from './code-plane.js';
import { quantisationTables } from './quantisation.js';

/**
 * What JPEG of a quality drawn per picture leaves of a picture. A crop is coded as in the whole
 * picture where it begins at a multiple of the margin.
 */
export function jpeg({ quality, chroma }: JpegSettings): Degradation {
  const { minimum, maximum } = quality;
  return {
    name: 'JPEG',
    scale: 1,
    margin: chroma === '4:2:0' ? 16 : 8,
    apply: (picture, place) => {
      const drawn = minimum + integerAt(seedAt(place), 0, 0, maximum - minimum + 1);
      return throughJpeg(picture, drawn, chroma);
    },
  };
}

/**
 * A picture as a decoder returns it from a baseline JPEG file: 8-bit YCbCr of JFIF, chroma halved
 * or not, 8x8 cosine transforms quantised by the standard's tables. Entropy coding loses nothing
 * and is left out.
 *
 * @param picture [3, H, W] in [0, 1]; it is clamped and rounded to 8 bits first.
 * @param quality integer in [1, 100] of the Independent JPEG Group's scale.
 * @returns [3, H, W], multiples of 1/255.
 * @throws ParameterError for another shape or quality.
 */
export function throughJpeg(
  picture: Tensor,
  quality: number,
  chroma: JpegSettings['chroma'] = '4:2:0',
): Tensor {
  checkColour(picture);
  if (!Number.isInteger(quality) || quality < 1 || quality > 100)
    throw new ParameterError('quality', 'an integer in [1, 100]', quality);
  const [, height = 0, width = 0] = picture.shape;
  const tables = quantisationTables(quality);
  const [luma, blue, red] = toYcc(picture.data, height, width);
  const code = (plane: Plane): Plane =>
    chroma === '4:2:0'
      ? double(codePlane(halve(plane), tables.chrominance), height, width)
      : codePlane(plane, tables.chrominance);
  const coded = [codePlane(luma, tables.luminance), code(blue), code(red)] as const;
  return tensor(picture.shape, fromYcc(coded));
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
