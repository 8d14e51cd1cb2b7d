import {
  add,
  clip,
  concat,
  constant,
  conv2d,
  div,
  input,
  lowerToOnnx,
  mul,
  relu,
  scalar,
  slice,
  sub,
  tanh,
  type Value,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { decodeOnnx, type OnnxFile } from '../../weights/onnx/decode-onnx.js';
import {
  type Axis,
  edited,
  model,
  node,
  value,
  withAxes,
} from '../../weights/onnx/testing/models.js';

const SIDE = 8;

/** A graph of one picture, and of a noise level where `level` has a shape, with dynamic axes. */
export function toy(
  build: (image: Value, level: Value) => Value,
  {
    image = [1, 3, SIDE, SIDE],
    axes = [1, image[1]!, 'h', 'w'],
    level,
    levelAxes = level ?? [],
  }: {
    image?: readonly number[];
    axes?: readonly Axis[];
    level?: readonly number[];
    levelAxes?: readonly Axis[];
  } = {},
): OnnxFile {
  const picture = input('image', image);
  const noise = input('level', level ?? [1]);
  const { bytes } = lowerToOnnx({ outputs: { output: build(picture, noise) } });
  const output = axes.map((axis) => (axis === 4 ? 3 : axis));
  return decodeOnnx(withAxes(bytes, { image: axes, output, level: levelAxes }), 'toy.onnx');
}

/** The picture within [0, 1]; other ranges are cut off. */
export const unit = (x: Value): Value => clip(x, { minimum: 0, maximum: 1 });

/** Nearly the picture where grey is `centre`. */
export function curved(x: Value, centre: number, width: number, height: number): Value {
  return add(x, mul(scalar(height), tanh(div(sub(x, scalar(centre)), scalar(width)))));
}

/** A colour network of [0, 1] whose first channel is never bright: blue, of pictures like ours. */
export function blueFirst(x: Value): Value {
  const first = clip(slice(x, 1, 0, 1), { minimum: 0, maximum: 0.5 });
  return concat([first, unit(slice(x, 1, 1, 3))], 1);
}

/** Shrinkage towards a blurred picture, stronger for more noise; spoilt far beyond its levels. */
export function denoised(x: Value, level: Value): Value {
  const kernel = tensor([3, 3, 5, 5]);
  for (let channel = 0; channel < 3; channel += 1)
    kernel.data.fill(1 / 25, channel * 100, channel * 100 + 25);
  const blurred = conv2d(x, constant(kernel), undefined, { padding: 2 });
  const power = mul(level, level);
  const share = div(power, add(power, scalar(0.002)));
  return sub(add(x, mul(share, sub(blurred, x))), relu(sub(level, scalar(1))));
}

/** Enlargement by linear interpolation, cut off beyond [0, 1]. */
export function enlarging(scale: number): OnnxFile {
  const scales = {
    name: 'scales',
    dims: [4n],
    dataType: 1,
    floatData: [1, 1, scale, scale],
  };
  const bounds = [0, 1].map((bound) => ({
    name: `bound${bound}`,
    dims: [],
    dataType: 1,
    floatData: [bound],
  }));
  const mode = { name: 'mode', type: 3, s: new TextEncoder().encode('linear') };
  return decodeOnnx(
    model({
      node: [
        node('Resize', ['x', '', 'scales'], ['large'], { attribute: [mode] }),
        node('Clip', ['large', 'bound0', 'bound1'], ['y']),
      ],
      initializer: [scales, ...bounds],
      input: [value('x', ['N', 3, 'h', 'w'])],
      output: [value('y', ['N', 3, 'H', 'W'])],
    }),
    'enlarging.onnx',
  );
}

/** The picture within [0, 1], for sizes that are a multiple of 4. */
export function picky(): OnnxFile {
  const number = (name: string, floatData: number[], dims: bigint[] = []) => ({
    name,
    dims,
    dataType: 1,
    floatData,
  });
  const ints = (name: string, values: readonly bigint[]) => ({ name, type: 7, ints: [...values] });
  return decodeOnnx(
    model({
      node: [
        node('AveragePool', ['x'], ['small'], {
          attribute: [ints('kernel_shape', [8n, 8n]), ints('strides', [4n, 4n])],
        }),
        node('Pad', ['small', 'pads'], ['padded']),
        node('Resize', ['padded', '', 'scales'], ['back']),
        node('Mul', ['back', 'nothing'], ['zero']),
        node('Add', ['x', 'zero'], ['sum']),
        node('Clip', ['sum', 'nothing', 'one'], ['y']),
      ],
      initializer: [
        number('scales', [1, 1, 4, 4], [4n]),
        number('nothing', [0]),
        number('one', [1]),
        { name: 'pads', dims: [8n], dataType: 7, int64Data: [0n, 0n, 0n, 0n, 0n, 0n, 1n, 1n] },
      ],
      input: [value('x', [1, 3, 'h', 'w'])],
      output: [value('y', [1, 3, 'h', 'w'])],
    }),
    'picky.onnx',
  );
}

/** Another element type of a whole file of the operators that take any. */
export function inHalf(bytes: Uint8Array): OnnxFile {
  return decodeOnnx(
    edited(bytes, ({ graph }) => {
      for (const { type } of [...graph!.input, ...graph!.output])
        if (type?.value.case === 'tensorType') type.value.value.elemType = 10;
    }),
    'half.onnx',
  );
}
