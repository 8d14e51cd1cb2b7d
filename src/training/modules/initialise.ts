import type { ParameterAttributes, Value } from '../../graph/index.js';
import { fillNormal, uniformAt } from '../../tensor/random.js';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';

/** Streams of the initial weights, apart from those of the batches. */
const WEIGHT_STREAM = 0xf0000000;

/** Weights to start training from: a function of the seed and each parameter's place. */
export function initialWeights(
  declared: ReadonlyMap<string, Value<ParameterAttributes>>,
  seed: number,
): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  let index = 0;
  for (const [name, { attributes }] of declared)
    weights.set(name, initialTensor(attributes, seed, WEIGHT_STREAM + index++));
  return weights;
}

function initialTensor({ shape, initial }: ParameterAttributes, seed: number, stream: number) {
  const data = new Float32Array(sizeOf(shape));
  switch (initial.kind) {
    case 'zeros':
      break;
    case 'ones':
      data.fill(1);
      break;
    case 'constant':
      data.fill(initial.value);
      break;
    case 'uniform':
      for (let i = 0; i < data.length; i += 1)
        data[i] = (2 * uniformAt(seed, stream, i) - 1) * initial.bound;
      break;
    case 'normal':
      fillNormal(data, seed, stream, 0);
      for (let i = 0; i < data.length; i += 1) data[i]! *= initial.deviation;
      break;
  }
  return tensor(shape, data);
}
