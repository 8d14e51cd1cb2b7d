import { addPowerSpectra } from './fft.js';
import { pairMetric } from './metric.js';
import { type Plane, planesOf } from './planes.js';

const largestBlock = 256;
const smallestBlock = 8;

/**
 * Distance between log power spectra, in dB: the root mean square, over all radial frequencies but
 * zero, of the difference between the radially averaged log power spectra of the lumas
 *. It is 0 for images that have equal detail in every band wherever it lies,
 * and large for one that is too smooth or too noisy, which an error per pixel does not distinguish.
 */
export const logSpectralDistance = pairMetric({
  name: 'log-spectral',
  title: 'distance between log power spectra',
  judges: 'distortion',
  isDefault: true,
  colourSpaces: ['luma'],
  direction: 'lower',
  range: [0, Infinity],
  unit: 'dB',
  version: '1',
  minimumSide: smallestBlock,
  compute: (reference, test) => {
    const [first, second] = [reference, test].map((image) => {
      const [plane] = planesOf(image, 'luma') as [Plane];
      return radialSpectrum(plane, blockSizeFor(plane));
    });
    const sum = first!.reduce((total, level, ring) => total + (level - second![ring]!) ** 2, 0);
    return Math.sqrt(sum / first!.length);
  },
});

/** Variance of rounding to 8 bits: power below it is noise of the file, not of the image. */
const roundingVariance = 1 / 12;

/** Side of the blocks that an image is cut into: a power of two, at most 256. */
function blockSizeFor({ height, width }: Plane): number {
  return 2 ** Math.floor(Math.log2(Math.min(height, width, largestBlock)));
}

/**
 * The radially averaged log power spectrum of a plane on the scale 0..255, in dB relative to one
 * grey level squared per pixel.
 *
 * Blocks of size x size (a power of two) overlap by half and reach the far edges; from each its
 * windowed mean is taken away and a Hann window applied. Power is averaged over the blocks
 * (Welch 1967), divided by the window's energy, and the variance of 8-bit rounding is added. The
 * result at index k is the mean of 10 log10(power) over the frequencies whose distance from zero
 * rounds to k + 1 cycles per block, for 1 to size / 2.
 */
export function radialSpectrum(plane: Plane, size: number): Float64Array {
  const { height, width, data } = plane;
  const power = new Float64Array(size * size);
  const window = hannWindow(size);
  const energy = window.reduce((sum, weight) => sum + weight ** 2, 0);
  const tops = positions(height, size);
  const lefts = positions(width, size);
  const blocks = tops.flatMap((top) => lefts.map((left) => ({ top, left })));
  const cut = ({ top, left }: { readonly top: number; readonly left: number }) =>
    windowed(data, width, top, left, window, size);
  for (let position = 0; position < blocks.length; position += 2) {
    const second = blocks[position + 1];
    addPowerSpectra(cut(blocks[position]!), second && cut(second), size, power);
  }
  const scale = 1 / (blocks.length * energy);
  const rings = size / 2;
  const sums = new Float64Array(rings);
  const counts = new Float64Array(rings);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const ring = Math.round(Math.hypot(frequency(row, size), frequency(column, size))) - 1;
      if (ring < 0 || ring >= rings) continue;
      sums[ring]! += 10 * Math.log10(power[row * size + column]! * scale + roundingVariance);
      counts[ring]! += 1;
    }
  return sums.map((sum, ring) => sum / counts[ring]!);
}

function frequency(index: number, size: number): number {
  return index <= size / 2 ? index : index - size;
}

function positions(length: number, size: number): number[] {
  const starts: number[] = [];
  for (let start = 0; start + size < length; start += size / 2) starts.push(start);
  starts.push(length - size);
  return starts;
}

function hannWindow(size: number): Float64Array {
  const hann = (index: number) => Math.sin((Math.PI * (index + 0.5)) / size) ** 2;
  return Float64Array.from(
    { length: size * size },
    (_, index) => hann(Math.floor(index / size)) * hann(index % size),
  );
}

function windowed(
  plane: Float64Array,
  width: number,
  top: number,
  left: number,
  window: Float64Array,
  size: number,
): Float64Array {
  const block = new Float64Array(size * size);
  let weighted = 0;
  let weights = 0;
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const index = row * size + column;
      const value = plane[(top + row) * width + left + column]!;
      block[index] = value;
      weighted += value * window[index]!;
      weights += window[index]!;
    }
  const mean = weighted / weights;
  for (let index = 0; index < block.length; index++)
    block[index] = (block[index]! - mean) * window[index]!;
  return block;
}
