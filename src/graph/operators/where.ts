import { ParameterError } from '../../tensor/errors.js';
import { scalar } from '../leaves.js';
import { broadcastShapes } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<null> = {
  name: 'where',
  infer: ([condition, x, y]) => {
    if (condition!.dataType !== 'bool')
      throw new ParameterError('where condition', 'booleans', condition!.dataType);
    if (x!.dataType !== y!.dataType)
      throw new ParameterError('where', `two values of type ${x!.dataType}`, y!.dataType);
    const shape = broadcastShapes('where', x!.shape, y!.shape);
    return { shape: broadcastShapes('where', condition!.shape, shape), dataType: x!.dataType };
  },
  lower: (emitter, inputs) => emitter.node('Where', inputs),
  gradient: ({ inputs: [condition, x, y] }, upstream, operators) => [
    undefined,
    operators.sumTo(operators.where(condition!, upstream, scalar(0)), x!.shape),
    operators.sumTo(operators.where(condition!, scalar(0), upstream), y!.shape),
  ],
};

/** x where the condition holds, y elsewhere, broadcast. */
export function where(condition: Value, x: Value, y: Value): Value {
  return apply(operator, [condition, x, y], null);
}
