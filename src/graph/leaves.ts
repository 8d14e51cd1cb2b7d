import { ParameterError } from '../tensor/errors.js';
import { type DataType, sizeOf, type Tensor, tensor } from '../tensor/tensor.js';
import { apply, type Operator, type Value } from './value.js';

/** How a parameter starts before training. Bounds and deviations are absolute. */
export type Initial =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly deviation: number };

export interface InputAttributes {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dataType: DataType;
}

export interface ParameterAttributes {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
}

const inputOperator: Operator<InputAttributes> = {
  name: 'input',
  infer: (_inputs, { name, shape, dataType }) => {
    requireShape(name, shape);
    return { shape, dataType };
  },
  lower: (emitter, _inputs, node) => emitter.input(node.attributes.name, node),
};

const parameterOperator: Operator<ParameterAttributes> = {
  name: 'parameter',
  infer: (_inputs, { name, shape }) => {
    requireShape(name, shape);
    return { shape, dataType: 'float32' };
  },
  lower: (emitter, _inputs, node) => emitter.parameter(node.attributes.name, node),
};

const constantOperator: Operator<Tensor<DataType>> = {
  name: 'constant',
  infer: (_inputs, { shape, dataType }) => ({ shape, dataType }),
  lower: (emitter, _inputs, node) => emitter.constant(node.attributes),
};

/** A value that is given anew at every evaluation. */
export function input(
  name: string,
  shape: readonly number[],
  dataType: DataType = 'float32',
): Value<InputAttributes> {
  return apply(inputOperator, [], { name, shape, dataType });
}

/** A trainable float32 array. Use a ParameterScope to declare those of a network. */
export function parameter(
  name: string,
  shape: readonly number[],
  initial: Initial = { kind: 'zeros' },
): Value<ParameterAttributes> {
  return apply(parameterOperator, [], { name, shape, initial });
}

/** A value fixed when the graph is built. */
export function constant(value: Tensor<DataType>): Value<Tensor<DataType>> {
  return apply(constantOperator, [], value);
}

/** A float32 constant of shape []. */
export function scalar(value: number): Value<Tensor<DataType>> {
  return constant(tensor([], [value]));
}

export function isInput(value: Value): value is Value<InputAttributes> {
  return value.operator === inputOperator;
}

export function isParameter(value: Value): value is Value<ParameterAttributes> {
  return value.operator === parameterOperator;
}

export function isConstant(value: Value): value is Value<Tensor<DataType>> {
  return value.operator === constantOperator;
}

function requireShape(name: string, shape: readonly number[]): void {
  if (shape.some((extent) => !Number.isInteger(extent) || extent < 1) || sizeOf(shape) > 2 ** 31)
    throw new ParameterError(name, 'a shape of positive integers below 2^31 elements', shape);
}
