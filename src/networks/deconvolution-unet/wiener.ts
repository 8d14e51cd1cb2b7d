import { add, concat, div, expand, pad, reshape, type Value } from '../../graph/index.js';
import { correlation, Fourier, power, slopePower } from './fourier.js';
import { tapered } from './kernel-estimation.js';
import { aroundOrigin } from './kernels.js';

/** Pixels that are mirrored around an image before it is made cyclic. */
const BORDER = 32;
/** The noise that is expected of even areas, relative to that of edges. */
const FLOOR = 0.1;

/**
 * Undoes known blur by Wiener's filter: of images [N, C, H, W] in linear light and kernels
 * [N K, s, s], those of one image one after the other, [N, K R C, H, W] for R regularisations.
 * @param regularisations powers of noise relative to the image's slopes, at least one.
 */
export function deconvolve(
  images: Value,
  kernels: Value,
  regularisations: readonly number[],
): Value {
  const [batch, channels, height, width] = images.shape as [number, number, number, number];
  const [all, size] = kernels.shape as [number, number];
  const each = all / batch;
  const border = Math.min(BORDER, height - 1, width - 1);
  const around = [border, border] as const;
  const mirrored = pad(images, [[0, 0], [0, 0], around, around], 'reflect');
  const fourier = new Fourier(height + 2 * border, width + 2 * border);
  const grid = [fourier.height, fourier.width] as const;
  const planes = batch * each * channels;
  const repeat = (x: Value, shape: readonly [number, number]): Value =>
    reshape(expand(x, [batch, each, channels, ...shape]), [planes, ...shape]);
  const own = reshape(mirrored, [batch, 1, channels, ...grid]);
  const half = [fourier.height, 2 * fourier.across] as const;
  const spectrum = fourier.forward(kernels, aroundOrigin(size));
  const spectra = repeat(reshape(spectrum, [batch, each, 1, ...half]), half);
  const cyclic = tapered(fourier, repeat(own, grid), spectra, size);
  const matched = correlation(spectra, fourier.forward(cyclic));
  const strength = power(spectra);
  const inside = {
    rows: { first: border, count: height },
    columns: { first: border, count: width },
  };
  const sharp = regularisations.map((noise) => {
    const expected = fourier.factors((down, across) => noise * (FLOOR + slopePower(down, across)));
    const filtered = fourier.inverse(div(matched, add(strength, expected)), inside);
    return reshape(filtered, [batch, each, channels, height, width]);
  });
  return reshape(concat(sharp, 2), [
    batch,
    each * regularisations.length * channels,
    height,
    width,
  ]);
}
