import type { DataType } from '../../tensor/tensor.js';
import { onnxElementType } from '../lowering/onnx-emitter.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<{ readonly dataType: DataType }> = {
  name: 'cast',
  infer: ([x], { dataType }) => ({ shape: x!.shape, dataType }),
  lower: (emitter, inputs, { attributes }) =>
    emitter.node('Cast', inputs, { to: { int: onnxElementType(attributes.dataType) } }),
  gradient: ({ inputs: [x], dataType }, upstream, { cast }) => [
    isReal(x!.dataType) && isReal(dataType) ? cast(upstream, x!.dataType) : undefined,
  ],
};

function isReal(dataType: DataType): boolean {
  return dataType.includes('float');
}

/** x converted to another data type. */
export function cast(x: Value, dataType: DataType): Value {
  return apply(operator, [x], { dataType });
}
