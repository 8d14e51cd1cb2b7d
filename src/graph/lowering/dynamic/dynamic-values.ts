import { create } from '@bufbuild/protobuf';
import {
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { ModelError } from '../../../tensor/errors.js';
import { fitSizes, type SizeFit, type Units } from './size-fit.js';

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
