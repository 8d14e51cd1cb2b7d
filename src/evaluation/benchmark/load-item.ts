import { openStoredBurst } from '../../datasets/bursts/stored-burst.js';
import { drawCrop, makePair } from '../../datasets/make-pair.js';
import { processToSrgb } from '../../degradation/camera/camera.js';
import { createDegradation } from '../../degradation/create-degradation.js';
import { decodeImage } from '../../images/decode.js';
import type { Burst } from '../../restoration/index.js';
import { InputError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped } from '../../tensor/window.js';
import type { BenchmarkItem } from './items.js';

/** An example in memory. */
export interface LoadedItem {
  /** [3, H, W] in [0, 1], or a burst. */
  readonly input: Tensor | Burst;
  /** [3, H, W] sRGB in [0, 1]. */
  readonly target: Tensor;
}

/**
 * Reads an example. The target of a burst is what its camera makes of the linear truth.
 * @throws InputError where a file cannot be read or is too small, LimitError for one too large.
 */
export async function loadItem({ name, scale, source }: BenchmarkItem): Promise<LoadedItem> {
  switch (source.kind) {
    case 'pair': {
      const [input, target] = [await decodeImage(source.input), await decodeImage(source.target)];
      return { input: input.tensor, target: target.tensor };
    }
    case 'made': {
      const { picture: file, degradation, seed, index } = source;
      const { tensor: whole } = await decodeImage(file);
      const place = { seed, index };
      // Benchmarks cut pictures before they degrade them: what is cut off must not shine in.
      const picture = cropped(whole, drawCrop(whole, place, { step: scale, file }));
      return makePair({ picture, file }, createDegradation(degradation), place);
    }
    case 'burst': {
      const burst = await openStoredBurst(source.item);
      const truth = await burst.truth();
      if (truth === undefined) throw new InputError(name, 'the burst has no target');
      const frames: Tensor[] = [];
      for await (const frame of burst) frames.push(frame);
      const { camera } = burst;
      return { input: { frames, camera }, target: processToSrgb(truth, camera) };
    }
  }
}

export function isBurst(input: Tensor | Burst): input is Burst {
  return 'frames' in input;
}

/**
 * A result and its target, cut at the right and below to what both have: sides that are no multiple
 * of the scale are rounded in different ways.
 * @param scale sides may differ by less than this.
 * @throws InputError where they differ by more.
 */
export function commonPart(
  name: string,
  { result, target }: { readonly result: Tensor; readonly target: Tensor },
  scale: number,
): { readonly result: Tensor; readonly target: Tensor } {
  const [, height = 0, width = 0] = result.shape;
  const [, wantedHeight = 0, wantedWidth = 0] = target.shape;
  if (height === wantedHeight && width === wantedWidth) return { result, target };
  if (Math.max(Math.abs(height - wantedHeight), Math.abs(width - wantedWidth)) >= scale)
    throw new InputError(
      name,
      `the result has ${width} x ${height} pixels, its target ${wantedWidth} x ${wantedHeight}`,
    );
  const part = {
    ...{ left: 0, top: 0 },
    width: Math.min(width, wantedWidth),
    height: Math.min(height, wantedHeight),
  };
  return { result: cropped(result, part), target: cropped(target, part) };
}
