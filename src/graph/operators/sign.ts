import { tensor } from '../../tensor/tensor.js';
import { onnxElementType } from '../lowering/onnx-emitter.js';
import { requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<null> = {
  name: 'sign',
  infer: ([x]) => {
    requireFloat('sign', x!);
    return { shape: x!.shape, dataType: 'float32' };
  },
  // ONNX's own operator is the only one of common training graphs that WebGPU lacks.
  lower: (emitter, [x]) => {
    const zero = emitter.constant(tensor([], [0]));
    const among = (larger: string, smaller: string): string =>
      emitter.node('Cast', [emitter.node('Greater', [larger, smaller])], {
        to: { int: onnxElementType('float32') },
      });
    return emitter.node('Sub', [among(x!, zero), among(zero, x!)]);
  },
  gradient: () => [undefined],
};

/** -1, 0 or 1; constant almost everywhere, so without a gradient. */
export function sign(x: Value): Value {
  return apply(operator, [x], null);
}
