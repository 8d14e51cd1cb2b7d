import type { Value } from '../graph/index.js';
import type { ImageNetwork } from '../networks/network.js';
import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';

/** Which crop is asked for. The same place must always get the same crop. */
export interface CropRequest {
  readonly seed: number;
  /** Training steps count from 1; step 0 asks for held-out images, to validate with. */
  readonly step: number;
  readonly sample: number;
  /** Side of the target in pixels. */
  readonly size: number;
}

/** A degraded crop [3, size / scale, size / scale] with its target [3, size, size], in [0, 1]. */
export interface CropPair {
  readonly input: Tensor;
  readonly target: Tensor;
}

/**
 * Crops [3, size, size] in [0, 1] from anywhere, or pairs for a degradation of one's own; a crop
 * alone is reduced or made noisy as the recipe says.
 */
export type Dataset = (place: CropRequest) => Promise<Tensor | CropPair>;

/**
 * A loss of one's own: a value of one element. `weight` [N, 1, 1, 1] is the recipe's weight of each
 * sample, where its kind has one.
 */
export type Loss = (estimate: Value, target: Value, weight: Value | undefined) => Value;

/** What a caller brings to a training run besides its recipe. */
export interface CustomParts {
  readonly dataset?: Dataset | undefined;
  /** Takes the place of the recipe's `loss`; its edge and frequency terms are added all the same. */
  readonly loss?: Loss | undefined;
  /** Networks that recipes and module files may name besides those of the package. */
  readonly networks?: readonly ImageNetwork[] | undefined;
}

/**
 * The parts that a module exports under their names.
 * @param url a file URL.
 * @throws ParameterError where it cannot be imported or exports none of them.
 */
export async function importParts(url: string): Promise<CustomParts> {
  let exported: CustomParts;
  try {
    exported = await import(url);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ParameterError('definitions', 'the file URL of a module', url, reason);
  }
  const { dataset, loss, networks } = exported;
  if (dataset === undefined && loss === undefined && networks === undefined)
    throw new ParameterError('definitions', 'a module that exports dataset, loss or networks', url);
  return {
    ...(dataset === undefined ? {} : { dataset }),
    ...(loss === undefined ? {} : { loss }),
    ...(networks === undefined ? {} : { networks }),
  };
}

/**
 * One crop or pair of a dataset.
 * @param scale the target's side over the input's.
 * @throws ParameterError where it has another shape or element type than asked for.
 */
export async function drawFrom(
  dataset: Dataset,
  place: CropRequest,
  scale: number,
): Promise<{ readonly target: Tensor; readonly input?: Tensor }> {
  const drawn = await dataset(place);
  const found = 'target' in drawn ? drawn : { target: drawn };
  requireImage(found.target, place.size, 'dataset target');
  if ('input' in found) requireImage(found.input, place.size / scale, 'dataset input');
  return found;
}

function requireImage(image: Tensor, side: number, name: string): void {
  const { shape, dataType } = image;
  if (dataType !== 'float32' || shape.join() !== [3, side, side].join())
    throw new ParameterError(name, `float32 [3, ${side}, ${side}]`, `${dataType} [${shape}]`);
}
