import { ParameterError } from '../../tensor/errors.js';
import type { DataType } from '../../tensor/tensor.js';
import { broadcastShapes } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

/** An elementwise operator of two broadcast inputs that is one ONNX operator. */
export function defineBinary(
  name: string,
  onnxName: string,
  gradient?: Operator<null>['gradient'],
  resultType?: DataType,
): (first: Value, second: Value) => Value {
  const operator: Operator<null> = {
    name,
    infer: ([first, second]) => {
      if (first!.dataType !== second!.dataType)
        throw new ParameterError(name, `two values of type ${first!.dataType}`, second!.dataType);
      return {
        shape: broadcastShapes(name, first!.shape, second!.shape),
        dataType: resultType ?? first!.dataType,
      };
    },
    lower: (emitter, inputs) => emitter.node(onnxName, inputs),
    ...(gradient === undefined ? {} : { gradient }),
  };
  return (first, second) => apply(operator, [first, second], null);
}
