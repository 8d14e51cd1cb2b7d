import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import type { JobContext } from '../../engine/job.js';
import { decodeImage } from '../../images/decode.js';
import { encodeImage } from '../../images/encode.js';
import type { CropFigure, CropPanel } from '../../reports/evaluation-page.js';
import { enlargeNearest } from '../../reports/page.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped, type Rectangle } from '../../tensor/window.js';
import { type BenchmarkItem, baseline, isBurst, type LoadedItem, loadItem } from './items.js';

/** An example with what methods made of it. */
export interface ShownItem {
  readonly dataset: string;
  readonly item: BenchmarkItem;
  readonly images: readonly { readonly method: string; readonly path: string }[];
}

/** What is to be cut out. */
export interface CropTask {
  /** Squares that the request names. */
  readonly given: readonly { readonly shown: ShownItem; readonly area: Rectangle }[];
  /** Examples of a data set among which so many squares are to be found. */
  readonly searched: readonly {
    readonly items: readonly ShownItem[];
    readonly count: number;
    readonly size: number;
  }[];
}

/** Longer side of the small image of the whole target. */
const OVERVIEW = 320;

/** Cuts squares out of saved images, of inputs and of targets. */
export async function cutCrops(
  context: JobContext,
  { given, searched }: CropTask,
): Promise<CropFigure[]> {
  const areas = [...given];
  for (const { items, count, size } of searched) {
    const found: { shown: ShownItem; area: Rectangle; mean: number }[] = [];
    for (const shown of items) {
      await context.checkpoint();
      const { mean, ...area } = await mostDifferent(shown, size);
      found.push({ shown, area, mean });
    }
    areas.push(...found.sort((a, b) => b.mean - a.mean).slice(0, count));
  }
  const figures: CropFigure[] = [];
  for (const { shown, area } of areas) {
    await context.checkpoint();
    figures.push(await cropFigure(shown, area));
  }
  return figures;
}

/** Where methods differ most, or a single one from the target. */
async function mostDifferent({ item, images }: ShownItem, size: number) {
  const made: Tensor[] = [];
  for (const { path } of images) made.push((await decodeImage(path)).tensor);
  if (made.length === 1) made.push((await loadItem(item)).target);
  return greatestSquare(disagreement(made), size);
}

async function cropFigure(
  { dataset, item, images }: ShownItem,
  area: Rectangle,
): Promise<CropFigure> {
  const loaded = await loadItem(item);
  const { target } = loaded;
  const panels: CropPanel[] = [await inputPanel(loaded, item.scale, area)];
  for (const { method, path } of images) {
    const { tensor: image } = await decodeImage(path);
    panels.push({ kind: 'method', label: method, png: await pngOf(part(image, area)) });
  }
  panels.push({ kind: 'target', label: 'target', png: await pngOf(part(target, area)) });
  const [, height, width] = target.shape as [number, number, number];
  const size = { width, height };
  return { dataset, item: item.name, area, ...size, overview: await overviewOf(target), panels };
}

async function inputPanel(
  { input }: LoadedItem,
  scale: number,
  area: Rectangle,
): Promise<CropPanel> {
  const shown = isBurst(input)
    ? { label: 'reference frame', image: part(baseline(input, scale), area) }
    : { label: 'input', image: enlargeNearest(input, scale, area) };
  return { kind: 'input', label: shown.label, png: await pngOf(shown.image) };
}

/** The rectangle as far as the image reaches. */
function part(image: Tensor, { left, top, width, height }: Rectangle): Tensor {
  const [, fullHeight, fullWidth] = image.shape as [number, number, number];
  return cropped(image, {
    ...{ left, top },
    width: Math.min(width, fullWidth - left),
    height: Math.min(height, fullHeight - top),
  });
}

async function overviewOf(target: Tensor): Promise<Uint8Array> {
  const [, height, width] = target.shape as [number, number, number];
  const share = Math.min(1, OVERVIEW / Math.max(height, width));
  const size = {
    height: Math.max(1, Math.round(height * share)),
    width: Math.max(1, Math.round(width * share)),
  };
  return pngOf(share === 1 ? target : resizeBicubic(target, size));
}

function pngOf(image: Tensor): Promise<Uint8Array> {
  return encodeImage({ tensor: image, bitDepth: 8 }, 'png');
}

/**
 * How much images differ at each pixel: the variance over the images, summed over colours.
 * @param images at least two, [3, H, W]; of larger ones the top left counts.
 * @returns H x W values by row, for the least height and width.
 */
export function disagreement(images: readonly Tensor[]): {
  readonly height: number;
  readonly width: number;
  readonly data: Float64Array;
} {
  const height = Math.min(...images.map(({ shape }) => shape[1]!));
  const width = Math.min(...images.map(({ shape }) => shape[2]!));
  const data = new Float64Array(height * width);
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        let [sum, squares] = [0, 0];
        for (const { shape, data: values } of images) {
          const value = values[(channel * shape[1]! + y) * shape[2]! + x]!;
          sum += value;
          squares += value * value;
        }
        const mean = sum / images.length;
        data[y * width + x]! += Math.max(0, squares / images.length - mean * mean);
      }
  return { height, width, data };
}

/** The square, as large as `size` or as the image allows, in which values sum up to most. */
export function greatestSquare(
  {
    height,
    width,
    data,
  }: { readonly height: number; readonly width: number; readonly data: Float64Array },
  size: number,
): Rectangle & { readonly mean: number } {
  const side = Math.min(size, height, width);
  const sums = summed(height, width, data);
  const row = width + 1;
  let best = { top: 0, left: 0, sum: Number.NEGATIVE_INFINITY };
  for (let top = 0; top + side <= height; top += 1)
    for (let left = 0; left + side <= width; left += 1) {
      const [upper, lower] = [top * row + left, (top + side) * row + left];
      const sum = sums[lower + side]! - sums[lower]! - sums[upper + side]! + sums[upper]!;
      if (sum > best.sum) best = { top, left, sum };
    }
  const { top, left, sum } = best;
  return { top, left, width: side, height: side, mean: sum / side ** 2 };
}

/** Sums over everything above and left of a corner, [height + 1, width + 1] by row. */
function summed(height: number, width: number, data: Float64Array): Float64Array {
  const row = width + 1;
  const sums = new Float64Array((height + 1) * row);
  for (let y = 0; y < height; y += 1) {
    let line = 0;
    for (let x = 0; x < width; x += 1) {
      line += data[y * width + x]!;
      sums[(y + 1) * row + x + 1] = sums[y * row + x + 1]! + line;
    }
  }
  return sums;
}
