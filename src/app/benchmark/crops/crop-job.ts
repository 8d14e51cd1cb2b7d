import { resizeBicubic } from '../../../degradation/bicubic-resize.js';
import type { JobContext } from '../../../engine/job.js';
import { baseline } from '../../../evaluation/benchmark/baseline.js';
import type { BenchmarkItem } from '../../../evaluation/benchmark/items.js';
import { isBurst, type LoadedItem, loadItem } from '../../../evaluation/benchmark/load-item.js';
import { decodeImage } from '../../../images/decode.js';
import { encodeImage } from '../../../images/encode.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { cropped, type Rectangle } from '../../../tensor/window.js';
import { enlargeNearest } from '../../page/enlarge-nearest.js';
import { disagreement, greatestSquare } from './disagreement.js';

/** An example with what methods made of it. */
export interface ShownItem {
  readonly dataset: string;
  readonly item: BenchmarkItem;
  readonly pictures: readonly { readonly method: string; readonly path: string }[];
}

/** What is to be cut out. */
export interface CropTask {
  /** Squares that were asked for. */
  readonly given: readonly { readonly shown: ShownItem; readonly place: Rectangle }[];
  /** Examples of a data set among which so many squares are to be found. */
  readonly searched: readonly {
    readonly items: readonly ShownItem[];
    readonly count: number;
    readonly size: number;
  }[];
}

/** One version of a crop, as the bytes of a PNG. */
export interface CropPanel {
  readonly kind: 'input' | 'method' | 'target';
  readonly label: string;
  readonly png: Uint8Array;
}

/** A square of an example in all its versions. */
export interface CropFigure {
  readonly dataset: string;
  readonly item: string;
  readonly place: Rectangle;
  /** Of the whole target, in pixels. */
  readonly width: number;
  readonly height: number;
  /** The whole target, made small. */
  readonly overview: Uint8Array;
  /** The input, methods in their order, the target. */
  readonly panels: readonly CropPanel[];
}

/** Longer side of the small picture of the whole target. */
const OVERVIEW = 320;

/** Cuts squares out of saved pictures, of inputs and of targets. */
export async function cropJob(
  context: JobContext,
  { given, searched }: CropTask,
): Promise<CropFigure[]> {
  const places = [...given];
  for (const { items, count, size } of searched) {
    const found: { shown: ShownItem; place: Rectangle; mean: number }[] = [];
    for (const shown of items) {
      await context.checkpoint();
      const { mean, ...place } = await mostDifferent(shown, size);
      found.push({ shown, place, mean });
    }
    places.push(...found.sort((a, b) => b.mean - a.mean).slice(0, count));
  }
  const figures: CropFigure[] = [];
  for (const { shown, place } of places) {
    await context.checkpoint();
    figures.push(await figureOf(shown, place));
  }
  return figures;
}

/** Where methods differ most, or a single one from the target. */
async function mostDifferent({ item, pictures }: ShownItem, size: number) {
  const made: Tensor[] = [];
  for (const { path } of pictures) made.push((await decodeImage(path)).tensor);
  if (made.length === 1) made.push((await loadItem(item)).target);
  return greatestSquare(disagreement(made), size);
}

async function figureOf(
  { dataset, item, pictures }: ShownItem,
  place: Rectangle,
): Promise<CropFigure> {
  const loaded = await loadItem(item);
  const { target } = loaded;
  const panels: CropPanel[] = [await inputPanel(loaded, item.scale, place)];
  for (const { method, path } of pictures) {
    const { tensor: picture } = await decodeImage(path);
    panels.push({ kind: 'method', label: method, png: await pngOf(part(picture, place)) });
  }
  panels.push({ kind: 'target', label: 'target', png: await pngOf(part(target, place)) });
  const [, height, width] = target.shape as [number, number, number];
  const size = { width, height };
  return { dataset, item: item.name, place, ...size, overview: await overviewOf(target), panels };
}

async function inputPanel(
  { input }: LoadedItem,
  scale: number,
  place: Rectangle,
): Promise<CropPanel> {
  const shown = isBurst(input)
    ? { label: 'reference frame', picture: part(baseline(input, scale), place) }
    : { label: 'input', picture: enlargeNearest(input, scale, place) };
  return { kind: 'input', label: shown.label, png: await pngOf(shown.picture) };
}

/** The rectangle as far as the picture reaches. */
function part(picture: Tensor, { left, top, width, height }: Rectangle): Tensor {
  const [, fullHeight, fullWidth] = picture.shape as [number, number, number];
  return cropped(picture, {
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

function pngOf(picture: Tensor): Promise<Uint8Array> {
  return encodeImage({ tensor: picture, bitDepth: 8 }, 'png');
}
