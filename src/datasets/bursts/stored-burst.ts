import { InputError, ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { DatasetItem } from '../dataset.js';
import { type BurstMetadata, readBurstMetadata } from './burst-metadata.js';
import { readLinearTarget, readPackedFrame } from './frame-files.js';

/** A burst of a `synthetic-burst` data set, whose frames are read when asked for. */
export interface StoredBurst extends BurstMetadata, AsyncIterable<Tensor> {
  readonly length: number;
  /** [4, h, w] RGGB, linear, in [0, 1]. */
  frame(index: number): Promise<Tensor>;
  /** [3, H, W] linear sensor colours without noise; undefined where they are not published. */
  truth(): Promise<Tensor | undefined>;
}

/**
 * Opens a burst of a data set in the layout `synthetic-burst`.
 * @throws InputError where its metadata are missing or cannot be read.
 */
export async function openStoredBurst(item: DatasetItem): Promise<StoredBurst> {
  const { inputs, target } = item;
  if (item.metadata === undefined)
    throw new InputError(inputs[0] ?? item.name, 'the burst has no metadata', {
      expected: 'meta_info.json or meta_info.pkl beside its ground truth',
    });
  const metadata = await readBurstMetadata(item.metadata);
  const frame = async (index: number): Promise<Tensor> => {
    const path = inputs[index];
    if (path === undefined)
      throw new ParameterError('index', `an integer in [0, ${inputs.length})`, index);
    return readPackedFrame(path, metadata.white);
  };
  return {
    ...metadata,
    length: inputs.length,
    frame,
    truth: async () =>
      target === undefined ? undefined : readLinearTarget(target, metadata.white),
    async *[Symbol.asyncIterator]() {
      for (let index = 0; index < inputs.length; index++) yield await frame(index);
    },
  };
}
