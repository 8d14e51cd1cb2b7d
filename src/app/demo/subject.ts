import { basename } from 'node:path';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { decodeImage } from '../../images/decode.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped, multipleOf } from '../../tensor/window.js';
import { reduceByFour, renderSample, rounded } from './sample.js';

/** What a demonstration restores. */
export interface Subject {
  readonly name: string;
  /** The low-resolution input, [3, H, W] in [0, 1]. */
  readonly low: Tensor;
  /** What an ideal restoration would give, [3, 4 H, 4 W]; absent where nobody knows. */
  readonly target?: Tensor;
  /** What was done to get here, in sentences for the reader of the page. */
  readonly history: readonly string[];
  /** The profile that the values of a photograph are meant for. */
  readonly icc?: Uint8Array;
}

/** A photograph whose long edge has at most so many pixels is enlarged, a larger one is a target. */
export const largestInput = 384;
const largestTarget = 1024;
const leastTargetSide = 64;

/** The scene that this package renders, and its reduction by 4. */
export function sampleSubject(): Subject {
  const target = renderSample();
  return {
    name: 'Rendered sample',
    low: reduceByFour(target),
    target,
    history: [
      `The target is a scene of ${sizeOf(target)} pixels that the program renders itself.`,
      'The input is the target reduced by 4 (bicubic with antialiasing), rounded to 8 bits.',
    ],
  };
}

/**
 * A photograph as the subject of a demonstration. A small one is the input itself. A larger one
 * becomes the target: reduced to at most 1024 pixels on its long edge, cropped at the right and
 * the bottom to sides that are multiples of 4, and then reduced by 4 to be the input.
 * @throws InputError or LimitError where the image cannot be read.
 */
export async function photographSubject(path: string): Promise<Subject> {
  const decoded = await decodeImage(path);
  const photograph = decoded.tensor;
  const [, height, width] = photograph.shape as [number, number, number];
  const said = [`The photograph has ${sizeOf(photograph)} pixels.`];
  if (decoded.alpha !== undefined) said.push('Its transparency is left out.');
  const facts = { name: basename(path), ...(decoded.icc !== undefined && { icc: decoded.icc }) };
  if (Math.max(height, width) <= largestInput || Math.min(height, width) < leastTargetSide)
    return {
      ...facts,
      low: photograph,
      history: [
        ...said,
        'It is the input as it is, so that no target is known and nothing can be measured.',
      ],
    };

  let target = photograph;
  if (Math.max(height, width) > largestTarget) {
    target = resizeBicubic(photograph, { scale: largestTarget / Math.max(height, width) });
    said.push(`It was reduced to ${sizeOf(target)} pixels to keep the demonstration short.`);
  }
  const even = cropped(target, multipleOf(4, target));
  if (even !== target)
    said.push(`It was cropped to ${sizeOf(even)} pixels, so that its sides divide by 4.`);
  target = rounded(even);
  return {
    ...facts,
    low: reduceByFour(target),
    target,
    history: [
      ...said,
      'It serves as the target: the input is its reduction by 4 (bicubic with antialiasing), rounded to 8 bits.',
    ],
  };
}

/** Width and height as text. */
export function sizeOf({ shape }: Tensor): string {
  return `${shape[2]} × ${shape[1]}`;
}
