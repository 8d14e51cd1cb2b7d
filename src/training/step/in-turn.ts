import { meanOverParts, topologicalOrder, type Value } from '../../graph/index.js';
import { sizeOf } from '../../tensor/tensor.js';

/** What a processor's second cache holds of a convolution's result besides all that is beside it. */
const CACHED_BYTES = 2 ** 20;

/** More values than these in all parts would take the runtime longer to compile than they are worth. */
const MOST_VALUES = 2000;

/**
 * The loss of a batch, crop by crop where that makes the results of convolutions small enough to
 * stay in the processor's cache until they are read. Like the size of such parts, whether they are
 * made follows from the graph alone, so that sums have the same bits on every processor.
 * @param loss of the whole batch, a mean over its crops.
 * @param ofCrops the loss of fewer crops, with inputs of the same names.
 */
export function inTurn(loss: Value, batch: number, ofCrops: (crops: number) => Value): Value {
  const crops = cropsTogether(loss, batch);
  return crops === batch ? loss : meanOverParts(ofCrops(crops), loss);
}

function cropsTogether(loss: Value, batch: number): number {
  const values = topologicalOrder([loss]);
  const results = values.filter(({ operator }) => operator.name === 'conv2d');
  const largest = Math.max(0, ...results.map(({ shape }) => 4 * sizeOf(shape)));
  for (let parts = 1; parts <= batch && parts * values.length <= MOST_VALUES; parts += 1)
    if (batch % parts === 0 && largest / parts <= CACHED_BYTES) return batch / parts;
  return batch;
}
