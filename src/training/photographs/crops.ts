import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import type { Rgb8 } from '../../images/decode.js';
import { integerAt } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import { copyWindow, type Rectangle } from '../../tensor/window.js';
import { InputError } from '../../utils/errors.js';
import type { Photographs } from './photographs.js';

/** Numbers drawn for each sample of a batch; sample k of a step uses the indices from k times this. */
export const DRAWS_PER_SAMPLE = 16;
/** Images to decode at the same time: decoders work on other threads, and each image takes memory. */
export const CONCURRENT_IMAGES = 4;
const MOST_ATTEMPTS = 64;

/** Identifies a training sample. All that is random about it is a function of these numbers. */
export interface SampleKey {
  readonly seed: number;
  /** Counted from 1. */
  readonly step: number;
  readonly sample: number;
}

/** A square of a photograph in one of its eight orientations. */
export interface CropPosition {
  readonly left: number;
  readonly top: number;
  readonly size: number;
  /** Bit 2 swaps rows and columns, then bit 0 turns upside down and bit 1 left to right. */
  readonly orientation: number;
}

/** A byte as a number in [0, 1]. */
const unit = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * Writes a random square of a random photograph into `target` [3, size, size], in [0, 1], turned
 * into one of its eight orientations. Which one depends on seed, step and sample alone.
 * @param degraded receives the same square of the degraded image, where the photographs are pairs.
 * @throws InputError where the photographs are too small, or the drawn one is damaged.
 */
export async function randomCrop(
  photographs: Photographs,
  { seed, step, sample }: SampleKey,
  size: number,
  target: Float32Array,
  degraded?: Float32Array,
): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const draw = (index: number, bound: number): number =>
      integerAt(seed, step, (attempt * 65536 + sample) * DRAWS_PER_SAMPLE + index, bound);
    const index = draw(0, photographs.count);
    const outline = await outlineOf(photographs, index);
    if (outline.width < size || outline.height < size) continue;
    const left = draw(1, outline.width - size + 1);
    const top = draw(2, outline.height - size + 1);
    const { image, ...corner } = outline.part(left, top, size);
    const orientation = draw(3, 8);
    copyCrop(image, { ...corner, size, orientation }, target);
    if (degraded !== undefined)
      copyCrop(await photographs.degraded!(index), { left, top, size, orientation }, degraded);
    return;
  }
  const expected = `${size}x${size} pixels or more`;
  const what = `none of ${MOST_ATTEMPTS} images drawn fits a crop; expected ${expected}`;
  throw new InputError(photographs.folder, what, { expected });
}

async function outlineOf(photographs: Photographs, index: number): Promise<ImageOutline> {
  const outline = await photographs.outline?.(index);
  return outline ?? wholeOutline(await photographs.image(index));
}

/** Copies a square of an image into planes [3, size, size] in [0, 1]. */
export function copyCrop(image: Rgb8, place: CropPosition, target: Float32Array): void {
  const { left, top, size, orientation } = place;
  const { data, width } = image;
  const swapped = (orientation & 4) !== 0;
  const acrossRows = swapped ? 3 : 3 * width;
  const acrossColumns = swapped ? 3 * width : 3;
  const down = orientation & 1 ? -acrossRows : acrossRows;
  const right = orientation & 2 ? -acrossColumns : acrossColumns;
  const corner =
    (top * width + left) * 3 +
    (orientation & 1 ? (size - 1) * acrossRows : 0) +
    (orientation & 2 ? (size - 1) * acrossColumns : 0);
  const plane = size * size;
  for (let y = 0; y < size; y += 1) {
    const end = (y + 1) * size;
    let source = corner + y * down;
    for (let at = y * size; at < end; at += 1, source += right) {
      target[at] = unit[data[source]!]!;
      target[at + plane] = unit[data[source + 1]!]!;
      target[at + 2 * plane] = unit[data[source + 2]!]!;
    }
  }
}

/** An image reduced by a whole factor with antialiased bicubic interpolation, in 8 bits again. */
export function reducedImage(image: Rgb8, factor: number): Rgb8 {
  if (factor === 1) return image;
  const { width, height, data } = image;
  const pixels = width * height;
  const planes = new Float32Array(data.length);
  for (let pixel = 0; pixel < pixels; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      planes[channel * pixels + pixel] = data[pixel * 3 + channel]!;
  const small = resizeBicubic(tensor([3, height, width], planes), { scale: 1 / factor });
  const [, rows, columns] = small.shape as [number, number, number];
  const result = new Uint8Array(3 * rows * columns);
  for (let pixel = 0; pixel < rows * columns; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      result[pixel * 3 + channel] = Math.min(
        255,
        Math.max(0, Math.round(small.data[channel * rows * columns + pixel]!)),
      );
  return { width: columns, height: rows, data: result };
}

/** An image whose parts are made when they are asked for. */
export interface ImageOutline {
  readonly width: number;
  readonly height: number;
  /** The square of `size` pixels whose first pixel is at `left` and `top`. */
  part(left: number, top: number, size: number): ImagePart;
}

/** An image that holds a part, which begins at `left` and `top` of it. */
export interface ImagePart {
  readonly image: Rgb8;
  readonly left: number;
  readonly top: number;
}

/** An image of which all parts are at hand. */
export function wholeOutline(image: Rgb8): ImageOutline {
  const { width, height } = image;
  return { width, height, part: (left, top) => ({ image, left, top }) };
}

/** Reduced pixels around a part that the kernel, of two such pixels to each side, may reach. */
const MARGIN = 3;

/**
 * Whether a part reduced alone has the very pixels of the whole: where a reduced pixel's place is
 * an exact number, the kernel's weights are the same wherever the part begins.
 */
export function reducesInParts(factor: number): boolean {
  return Number.isInteger(Math.log2(factor));
}

/** `reducedImage`, of which only the parts asked for are made. */
export function reducedOutline(image: Rgb8, factor: number): ImageOutline {
  if (factor === 1) return wholeOutline(image);
  const width = Math.ceil(image.width / factor);
  const height = Math.ceil(image.height / factor);
  return {
    width,
    height,
    part: (left, top, size) => {
      const [x, y] = [left, top].map((place) => Math.max(0, place - MARGIN)) as [number, number];
      const [fromLeft, fromTop] = [x * factor, y * factor];
      const around = cut(image, {
        left: fromLeft,
        top: fromTop,
        width: Math.min(image.width, (left + size + MARGIN) * factor) - fromLeft,
        height: Math.min(image.height, (top + size + MARGIN) * factor) - fromTop,
      });
      return { image: reducedImage(around, factor), left: left - x, top: top - y };
    },
  };
}

function cut({ width, height, data }: Rgb8, part: Rectangle): Rgb8 {
  const samples = { ...part, left: 3 * part.left, width: 3 * part.width };
  const into = new Uint8Array(samples.width * part.height);
  copyWindow(data, [1, height, 3 * width], samples, into);
  return { width: part.width, height: part.height, data: into };
}
