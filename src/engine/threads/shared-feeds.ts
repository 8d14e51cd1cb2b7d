import { isShared } from '../../tensor/shared.js';
import { type DataType, type Tensor, typedTensor } from '../../tensor/tensor.js';
import type { Feeds } from '../contract.js';

/**
 * Copies of inputs in shared memory, which the runtime does not take, in arrays that serve every
 * run: what came and went with each would lie about as garbage, as much as many runs take.
 */
export class SharedFeeds {
  readonly #copies = new Map<string, Tensor<DataType>>();

  /** The feeds as they are now, none of them shared; they last until the next call. */
  own(feeds: Feeds): Feeds {
    return Object.fromEntries(
      Object.entries(feeds).map(([name, feed]) => [
        name,
        isShared(feed) ? this.#copy(name, feed) : feed,
      ]),
    );
  }

  #copy(name: string, { dataType, shape, data }: Tensor<DataType>): Tensor<DataType> {
    const known = this.#copies.get(name);
    if (known?.dataType === dataType && known.data.length === data.length) {
      (known.data as Float32Array).set(data as Float32Array);
      return typedTensor(dataType, shape, known.data);
    }
    const copy = typedTensor(dataType, shape, data.slice());
    this.#copies.set(name, copy);
    return copy;
  }
}
