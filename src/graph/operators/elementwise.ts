import { type DataType, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { scalar } from '../leaves.js';
import { type OnnxEmitter, onnxElementType } from '../lowering/onnx-emitter.js';
import { broadcastShapes, requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import type { Operators } from './index.js';

/**
 * An elementwise float32 operator of one input.
 * @param lowering the name of its ONNX operator, or what emits it.
 */
export function defineUnary(
  name: string,
  lowering: string | ((emitter: OnnxEmitter, x: string) => string),
  gradient: (node: Value<null>, upstream: Value, operators: Operators) => Value | undefined,
): (x: Value) => Value {
  const operator: Operator<null> = {
    name,
    infer: ([x]) => {
      requireFloat(name, x!);
      return { shape: x!.shape, dataType: x!.dataType };
    },
    lower: (emitter, inputs) =>
      typeof lowering === 'string' ? emitter.node(lowering, inputs) : lowering(emitter, inputs[0]!),
    gradient: (node, upstream, operators) => [gradient(node, upstream, operators)],
  };
  return (x) => apply(operator, [x], null);
}

/** An elementwise operator of two broadcast inputs that is one ONNX operator. */
function defineBinary(
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

/** x + y, broadcast. */
export const add = defineBinary('add', 'Add', ({ inputs: [x, y] }, upstream, { sumTo }) => [
  sumTo(upstream, x!.shape),
  sumTo(upstream, y!.shape),
]);

/** x - y, broadcast. */
export const sub = defineBinary('sub', 'Sub', ({ inputs: [x, y] }, upstream, { neg, sumTo }) => [
  sumTo(upstream, x!.shape),
  sumTo(neg(upstream), y!.shape),
]);

/** x * y, broadcast. */
export const mul = defineBinary('mul', 'Mul', ({ inputs: [x, y] }, upstream, operators) => [
  operators.sumTo(operators.mul(upstream, y!), x!.shape),
  operators.sumTo(operators.mul(upstream, x!), y!.shape),
]);

/** x / y, broadcast. */
export const div = defineBinary('div', 'Div', (node, upstream, operators) => {
  const [x, y] = node.inputs;
  const perDivisor = operators.div(upstream, y!);
  return [
    operators.sumTo(perDivisor, x!.shape),
    operators.sumTo(operators.neg(operators.mul(perDivisor, node)), y!.shape),
  ];
});

/** -x. */
export const neg = defineUnary('neg', 'Neg', (_node, upstream, operators) =>
  operators.neg(upstream),
);

/** |x|; the gradient at 0 is 0. */
export const abs = defineUnary('abs', 'Abs', ({ inputs: [x] }, upstream, { mul, sign }) =>
  mul(upstream, sign(x!)),
);

const signOperator: Operator<null> = {
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
  return apply(signOperator, [x], null);
}

/** The square root. */
export const sqrt = defineUnary('sqrt', 'Sqrt', (node, upstream, { div, mul }) =>
  div(mul(upstream, scalar(0.5)), node),
);

/** e to the power x. */
export const exp = defineUnary('exp', 'Exp', (node, upstream, { mul }) => mul(upstream, node));

/** The natural logarithm. */
export const log = defineUnary('log', 'Log', ({ inputs: [x] }, upstream, { div }) =>
  div(upstream, x!),
);

/** The error function. */
export const erf = defineUnary('erf', 'Erf', ({ inputs: [x] }, upstream, { exp, mul, neg }) =>
  mul(upstream, mul(scalar(2 / Math.sqrt(Math.PI)), exp(neg(mul(x!, x!))))),
);

/** The sine of x radians. */
export const sin = defineUnary(
  'sin',
  (emitter, x) => lowerSine(emitter, x, 'sin'),
  ({ inputs: [x] }, upstream, { cos, mul }) => mul(upstream, cos(x!)),
);

/** The cosine of x radians. */
export const cos = defineUnary(
  'cos',
  (emitter, x) => lowerSine(emitter, x, 'cos'),
  ({ inputs: [x] }, upstream, { mul, neg, sin }) => mul(upstream, neg(sin(x!))),
);

/** pi in two parts: half-integer multiples of the first up to 2^14 are exact in float32. */
const PI_HIGH = 3.140625;
const PI_LOW = Math.PI - PI_HIGH;
/** Series of sin(r) / r in r^2; what is left out is below 6e-8 for |r| <= pi / 2. */
const SERIES = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800];

/**
 * The sine of x, or its cosine, from sums and products: GPUs promise 2^-11 for their own and only
 * within a period, which is enough to send a rectifier or a maximum the other way. Places are
 * counted from the nearest zero, k pi or (k + 1/2) pi, at which the result goes up or down with k.
 */
function lowerSine(emitter: OnnxEmitter, x: string, kind: 'sin' | 'cos'): string {
  const number = (value: number): string => emitter.constant(tensor([], [value]));
  const add = (a: string, b: string): string => emitter.node('Add', [a, b]);
  const sub = (a: string, b: string): string => emitter.node('Sub', [a, b]);
  const mul = (a: string, b: string): string => emitter.node('Mul', [a, b]);
  const floor = (a: string): string => emitter.node('Floor', [a]);
  const half = number(0.5);
  const turns = mul(x, number(1 / Math.PI));
  const k = floor(kind === 'sin' ? add(turns, half) : turns);
  const zero = kind === 'sin' ? k : add(k, half);
  const r = sub(sub(x, mul(zero, number(PI_HIGH))), mul(zero, number(PI_LOW)));
  const square = mul(r, r);
  const series = SERIES.slice(0, -1).reduceRight(
    (sum, coefficient) => add(mul(sum, square), number(coefficient)),
    number(SERIES.at(-1)!),
  );
  const odd = sub(k, mul(floor(mul(k, half)), number(2)));
  const direction = add(mul(odd, number(kind === 'sin' ? -2 : 2)), number(kind === 'sin' ? 1 : -1));
  return mul(mul(r, series), direction);
}

/** x = y, broadcast, as booleans. */
export const equal = defineBinary('equal', 'Equal', undefined, 'bool');

/** x > y, broadcast, as booleans. */
export const greater = defineBinary('greater', 'Greater', undefined, 'bool');

const whereOperator: Operator<null> = {
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
  return apply(whereOperator, [condition, x, y], null);
}

interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

const clipOperator: Operator<Bounds> = {
  name: 'clip',
  infer: ([x], { minimum, maximum }) => {
    requireFloat('clip', x!);
    if (!(minimum <= maximum))
      throw new ParameterError('clip', 'minimum <= maximum', [minimum, maximum]);
    return { shape: x!.shape, dataType: 'float32' };
  },
  lower: (emitter, inputs, { attributes: { minimum, maximum } }) =>
    emitter.node('Clip', [
      ...inputs,
      emitter.constant(tensor([], [minimum])),
      emitter.constant(tensor([], [maximum])),
    ]),
  gradient: (node, upstream, { equal, where }) => [
    where(equal(node, node.inputs[0]!), upstream, scalar(0)),
  ],
};

/** x limited to [minimum, maximum]; beyond the bounds the gradient is 0. */
export function clip(x: Value, bounds: Bounds): Value {
  return apply(clipOperator, [x], bounds);
}

const castOperator: Operator<{ readonly dataType: DataType }> = {
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
  return apply(castOperator, [x], { dataType });
}

const stopGradientOperator: Operator<null> = {
  name: 'stopGradient',
  infer: ([x]) => {
    requireFloat('stopGradient', x!);
    return { shape: x!.shape, dataType: 'float32' };
  },
  lower: (emitter, inputs) => emitter.node('Identity', inputs),
  gradient: () => [undefined],
};

/**
 * The value itself, taken for a constant by derivatives, as `detach` in PyTorch.
 *
 * @example
 * // The derivative of y is x, not 2 x.
 * const y = mul(x, stopGradient(x));
 */
export function stopGradient(x: Value): Value {
  return apply(stopGradientOperator, [x], null);
}
