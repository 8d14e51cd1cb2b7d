import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from 'onnx-buf';
import { typedTensor } from '../../../tensor/tensor.js';
import { tensorProto } from '../onnx-emitter.js';
import type { SizeFit } from './size-fit.js';

/** Where the height and width of a run can be read, and what one unit of them is. */
export interface SizeSource {
  readonly input: string;
  readonly heightAxis: number;
  readonly widthAxis: number;
  readonly multiple: number;
}

/** ONNX nodes that compute whole numbers from the size of an input at every run. */
export class SizeArithmetic {
  readonly nodes: NodeProto[] = [];
  readonly constants: TensorProto[] = [];
  readonly #source: SizeSource;
  readonly #known = new Map<string, string>();
  #names = 0;

  constructor(source: SizeSource) {
    this.#source = source;
  }

  /** The name of an int64 tensor of these dimensions with the values of a fit. */
  values(fit: SizeFit, dims: readonly number[]): string {
    const terms = [
      this.#term(fit.perHeight, dims, () => this.#units('height')),
      this.#term(fit.perWidth, dims, () => this.#units('width')),
      this.#term(fit.perArea, dims, () => this.#area()),
    ].filter((name) => name !== undefined);
    const start = this.#constant(fit.fixed, dims);
    return terms.reduce((sum, term) => this.#node('Add', [sum, term]), start);
  }

  #term(
    factors: readonly bigint[],
    dims: readonly number[],
    size: () => string,
  ): string | undefined {
    if (factors.every((factor) => factor === 0n)) return undefined;
    return this.#node('Mul', [size(), this.#constant(factors, dims)]);
  }

  #area(): string {
    return this.#once('area', () =>
      this.#node('Mul', [this.#units('height'), this.#units('width')]),
    );
  }

  #units(side: 'height' | 'width'): string {
    return this.#once(side, () => {
      const { input, heightAxis, widthAxis, multiple } = this.#source;
      const axis = side === 'height' ? heightAxis : widthAxis;
      const pixels = this.#node('Shape', [input], { start: axis, end: axis + 1 });
      return multiple === 1
        ? pixels
        : this.#node('Div', [pixels, this.#constant([BigInt(multiple)], [1])]);
    });
  }

  #once(key: string, make: () => string): string {
    const name = this.#known.get(key) ?? make();
    this.#known.set(key, name);
    return name;
  }

  #constant(values: readonly bigint[], dims: readonly number[]): string {
    return this.#once(`${values.join()}[${dims.join()}]`, () => {
      const name = this.#fresh();
      const tensor = typedTensor('int64', dims, BigInt64Array.from(values));
      this.constants.push(tensorProto(name, tensor));
      return name;
    });
  }

  #node(opType: string, input: string[], ints: Readonly<Record<string, number>> = {}): string {
    const output = this.#fresh();
    const attribute = Object.entries(ints).map(([name, value]) =>
      create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.INT,
        i: BigInt(value),
      }),
    );
    this.nodes.push(create(NodeProtoSchema, { opType, input, output: [output], attribute }));
    return output;
  }

  #fresh(): string {
    return `%size${this.#names++}`;
  }
}
