import { transformSquare } from '../fft.js';
import type { Plane } from './plane.js';

const largestSide = 256;

/**
 * By how many whole pixels [x, y] the second plane shows the same things further right and down:
 * the peak of the inverse transform of the normalised cross-power spectrum (Kuglin and Hines 1975)
 * of the central parts, windowed, with sides that are powers of two up to 256.
 */
export function phaseCorrelation(first: Plane, second: Plane): readonly [number, number] {
  const shortest = Math.min(first.height, first.width, largestSide);
  const size = 2 ** Math.floor(Math.log2(shortest));
  const a = transformed(windowed(first, size), new Float64Array(size * size), size);
  const b = transformed(windowed(second, size), new Float64Array(size * size), size);
  const real = new Float64Array(size * size);
  const imaginary = new Float64Array(size * size);
  for (let index = 0; index < real.length; index++) {
    const re = a.real[index]! * b.real[index]! + a.imaginary[index]! * b.imaginary[index]!;
    const im = a.real[index]! * b.imaginary[index]! - a.imaginary[index]! * b.real[index]!;
    const length = Math.hypot(re, im) + Number.EPSILON;
    real[index] = re / length;
    // The forward transform of the conjugate is the inverse transform's conjugate, up to a factor.
    imaginary[index] = -im / length;
  }
  const surface = transformed(real, imaginary, size).real;
  const peak = surface.reduce((best, value, index) => (value > surface[best]! ? index : best), 0);
  const signed = (place: number): number => (place > size / 2 ? place - size : place);
  return [signed(peak % size), signed(Math.floor(peak / size))];
}

function windowed({ height, width, data }: Plane, size: number): Float64Array {
  const [top, left] = [Math.floor((height - size) / 2), Math.floor((width - size) / 2)];
  const hann = (index: number) => Math.sin((Math.PI * (index + 0.5)) / size) ** 2;
  const value = (index: number) =>
    data[(top + Math.floor(index / size)) * width + left + (index % size)]!;
  const block = Float64Array.from({ length: size * size }, (_, index) => value(index));
  const mean = block.reduce((sum, entry) => sum + entry, 0) / block.length;
  return block.map(
    (entry, index) => (entry - mean) * hann(Math.floor(index / size)) * hann(index % size),
  );
}

function transformed(real: Float64Array, imaginary: Float64Array, size: number) {
  transformSquare(real, imaginary, size);
  return { real, imaginary };
}
