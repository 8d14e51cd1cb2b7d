import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { typedTensor } from '../../tensor/tensor.js';
import { ModelError } from '../../utils/errors.js';
import { tensorProto } from './onnx-emitter.js';

/** Height and width in units: multiples of what a network works on. */
export interface Units {
  readonly height: number;
  readonly width: number;
}

/** Whole numbers a + b h + c w + d h w of a size in units, element by element. */
export interface SizeFit {
  readonly fixed: readonly bigint[];
  readonly perHeight: readonly bigint[];
  readonly perWidth: readonly bigint[];
  readonly perArea: readonly bigint[];
}

/**
 * Sizes at which a graph tells how it depends on its size: four that determine a fit, and others
 * that confirm it, the least size among them.
 * @param least smallest height and width in units.
 */
export function sampleSizes(least: number): readonly Units[] {
  const [height, width] = [least + 1, least + 3];
  return [
    { height, width },
    { height: height + 1, width },
    { height, width: width + 1 },
    { height: height + 1, width: width + 1 },
    { height: height + 3, width: width + 2 },
    { height: least, width: least },
  ];
}

/**
 * How vectors depend on the size, from their values at the sizes of `sampleSizes`; `undefined`
 * where no such numbers give all of them.
 */
export function fitSizes(
  sizes: readonly Units[],
  values: readonly (readonly bigint[])[],
): SizeFit | undefined {
  const [origin, taller, wider, both] = values as [bigint[], bigint[], bigint[], bigint[]];
  const [height, width] = [BigInt(sizes[0]!.height), BigInt(sizes[0]!.width)];
  const perArea = origin.map((at, index) => both[index]! - taller[index]! - wider[index]! + at);
  const perHeight = origin.map((at, index) => taller[index]! - at - perArea[index]! * width);
  const perWidth = origin.map((at, index) => wider[index]! - at - perArea[index]! * height);
  const fixed = origin.map(
    (at, index) =>
      at - perHeight[index]! * height - perWidth[index]! * width - perArea[index]! * height * width,
  );
  const fit = { fixed, perHeight, perWidth, perArea };
  const fits = sizes.every((size, place) =>
    valuesAt(fit, size).every((value, index) => value === values[place]![index]),
  );
  return fits ? fit : undefined;
}

/** The vector of a fit at one size. */
export function valuesAt(fit: SizeFit, size: Units): bigint[] {
  const [height, width] = [BigInt(size.height), BigInt(size.width)];
  return fit.fixed.map(
    (value, index) =>
      value +
      fit.perHeight[index]! * height +
      fit.perWidth[index]! * width +
      fit.perArea[index]! * height * width,
  );
}

/** An input or output of a model, with how its shape depends on the size. */
export interface DynamicValue {
  readonly name: string;
  readonly shape: SizeFit;
  /** As the model declares it, its axes named after the size. */
  readonly declared: ValueInfoProto;
}

/**
 * An input or output of all sizes, from what it is at some.
 * @param multiple pixels in a unit of size.
 * @throws ModelError where its shape is no polynomial of the size.
 */
export function dynamicValue(
  sizes: readonly Units[],
  infos: readonly ValueInfoProto[],
  multiple: number,
): DynamicValue {
  const [first] = infos as [ValueInfoProto];
  const shape = fitSizes(sizes, infos.map(dimsOf));
  if (shape === undefined)
    throw new ModelError(
      first.name,
      'cannot have dynamic axes: its shape does not follow from the size',
    );
  const { value } = first.type!.value.case === 'tensorType' ? first.type!.value : failed(first);
  const declared = create(ValueInfoProtoSchema, {
    name: first.name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: value.elemType,
          shape: {
            dim: shape.fixed.map((_, axis) =>
              create(TensorShapeProto_DimensionSchema, {
                value: dimension(shape, axis, multiple),
              }),
            ),
          },
        },
      },
    },
  });
  return { name: first.name, shape, declared };
}

/** Whether a shape is another one at other sizes. */
export function dependsOnSize({ perHeight, perWidth, perArea }: SizeFit): boolean {
  return [...perHeight, ...perWidth, ...perArea].some((factor) => factor !== 0n);
}

/** The axis that is the height or the width itself; -1 where there is none. */
export function axisOf(
  { fixed, perHeight, perWidth, perArea }: SizeFit,
  side: 'height' | 'width',
  multiple: number,
): number {
  const [own, other] = side === 'height' ? [perHeight, perWidth] : [perWidth, perHeight];
  return own.findIndex(
    (factor, axis) =>
      factor === BigInt(multiple) &&
      other[axis] === 0n &&
      fixed[axis] === 0n &&
      perArea[axis] === 0n,
  );
}

function dimension({ fixed, perHeight, perWidth, perArea }: SizeFit, axis: number, unit: number) {
  const factors = [
    [perHeight[axis]!, 'height'],
    [perWidth[axis]!, 'width'],
    [perArea[axis]!, 'area'],
  ] as const;
  const terms = factors.filter(([factor]) => factor !== 0n);
  if (terms.length === 0) return { case: 'dimValue', value: fixed[axis]! } as const;
  const words = terms.map(([factor, name]) => {
    const pixels = BigInt(name === 'area' ? unit * unit : unit);
    if (factor % pixels !== 0n) return `${factor}*${name}/${pixels}`;
    return factor === pixels ? name : `${factor / pixels}*${name}`;
  });
  if (fixed[axis] !== 0n) words.push(String(fixed[axis]));
  return { case: 'dimParam', value: words.join(' + ') } as const;
}

function dimsOf(info: ValueInfoProto): bigint[] {
  const { value } = info.type!.value.case === 'tensorType' ? info.type!.value : failed(info);
  return value.shape!.dim.map((dim) =>
    dim.value.case === 'dimValue' ? dim.value.value : failed(info),
  );
}

function failed({ name }: ValueInfoProto): never {
  throw new ModelError(name, 'is no tensor of static shape');
}

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
