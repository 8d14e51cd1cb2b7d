import { type DataType, sizeOf, type Tensor, tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
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

/**
 * Where a network declares its parameters, under the names of its reference checkpoint. Asking
 * twice for a name gives the same value, so that shared weights are shared.
 *
 * @example
 * const scope = new ParameterScope();
 * const weight = scope.child('conv_first').parameter('weight', [64, 3, 3, 3]);
 */
export class ParameterScope {
  readonly #prefix: string;
  readonly #declared: Map<string, Value<ParameterAttributes>>;

  constructor(prefix = '', declared = new Map<string, Value<ParameterAttributes>>()) {
    this.#prefix = prefix;
    this.#declared = declared;
  }

  /**
   * The parameter `name` below this scope's prefix.
   * @throws ModelError where the name was declared before with another shape.
   */
  parameter(name: string, shape: readonly number[], initial?: Initial): Value<ParameterAttributes> {
    const fullName = this.#prefix + name;
    const known = this.#declared.get(fullName);
    if (known === undefined) {
      const value = parameter(fullName, shape, initial);
      this.#declared.set(fullName, value);
      return value;
    }
    if (known.shape.join() !== shape.join())
      throw new ModelError(fullName, `declared as [${known.shape}] and again as [${shape}]`);
    return known;
  }

  /** The scope one level down: its names start with `name` and a dot. */
  child(name: string): ParameterScope {
    return new ParameterScope(`${this.#prefix}${name}.`, this.#declared);
  }

  /** Everything declared so far, by full name, in order of declaration. */
  declared(): ReadonlyMap<string, Value<ParameterAttributes>> {
    return this.#declared;
  }
}
