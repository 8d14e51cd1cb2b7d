import { create } from '@bufbuild/protobuf';
import { AttributeProtoSchema } from 'onnx-buf';
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
  ParameterScope,
  relu,
  scalar,
  slice,
  sub,
  tanh,
  type Value,
} from '../../graph/index.js';
import { outputScale } from '../../networks/network.js';
import { tensor } from '../../tensor/tensor.js';
import type { Module } from '../../weights/module-file.js';
import { decodeOnnx, type OnnxFile } from '../../weights/onnx/decode-onnx.js';
import {
  defineOnnxModule,
  type OnnxContract,
  type OnnxModule,
} from '../../weights/onnx/onnx-module.js';
import {
  type Axis,
  edited,
  model,
  node,
  value,
  withAxes,
} from '../../weights/onnx/testing/models.js';

const plain: Pick<OnnxContract, 'range' | 'order' | 'layout' | 'elementType' | 'output'> = {
  range: [0, 1],
  order: 'rgb',
  layout: 'nchw',
  elementType: 'float32',
  output: 'image',
};

export function restorerContract(changes: Partial<OnnxContract> = {}): OnnxContract {
  const size = { multiple: 1, minimum: 1 };
  return { role: 'restorer', scale: 1, ...plain, noise: { kind: 'none' }, size, ...changes };
}

export function denoiserContract(changes: Partial<OnnxContract> = {}): OnnxContract {
  const noise = { kind: 'scalar', times: 1 } as const;
  return { ...restorerContract(), role: 'denoiser', noise, ...changes };
}

/** A file with its contract, axes of it renamed. */
export function onnxModule(
  bytes: Uint8Array,
  contract: OnnxContract,
  axes: Readonly<Record<string, readonly Axis[]>> = {},
): OnnxModule {
  return defineOnnxModule(decodeOnnx(withAxes(bytes, axes), `${contract.role}.onnx`), contract);
}

/**
 * A restoration network as an ONNX file: of one size, or of any where the graph of the network does
 * not depend on it.
 */
export function exportedRestorer(module: Module, fixed?: readonly [number, number]): OnnxModule {
  const scale = outputScale(module.network, module.config);
  return exported(module, restorerContract({ scale }), fixed);
}

/** A denoiser as an ONNX file that takes the noise level as the network does. */
export function exportedDenoiser(module: Module, fixed?: readonly [number, number]): OnnxModule {
  const { network, config } = module;
  const inputs = network.inputShapes(config, { batch: 1, height: 8, width: 8 });
  const kind = inputs.length === 2 ? 'scalar' : 'channel';
  return exported(module, denoiserContract({ noise: { kind, times: 1 } }), fixed);
}

function exported(
  { network, config, weights }: Module,
  contract: OnnxContract,
  fixed: readonly [number, number] | undefined,
): OnnxModule {
  const rule = network.sizeRule(config);
  const [height, width] = fixed ?? [rule.minimum, rule.minimum];
  const shapes = network.inputShapes(config, { batch: 1, height, width });
  const inputs = shapes.map((shape, index) => input(`input${index}`, shape));
  const outputs = { output: network.build(config, new ParameterScope(), inputs) };
  const radius = network.receptiveRadius(config);
  const whole: OnnxContract = {
    ...contract,
    size: { ...rule, ...(fixed && { fixed: [...fixed] as [number, number] }) },
    ...(radius === undefined ? {} : { radius }),
  };
  const axes = { input0: [1, shapes[0]![1]!, 'h', 'w'], output: [1, 3, 'H', 'W'] };
  const { bytes } = lowerToOnnx({ outputs, weights });
  return fixed === undefined
    ? onnxModule(withoutSizes(bytes), whole, axes)
    : onnxModule(bytes, whole);
}

/** A graph whose pixel shuffles name no size: three nodes become one. */
function withoutSizes(bytes: Uint8Array): Uint8Array {
  return edited(bytes, ({ graph }) => {
    const { node, initializer } = graph!;
    for (const [place, { opType, input: inputs, output }] of node.entries()) {
      const stored = initializer.find(({ name }) => name === inputs[1]);
      if (opType !== 'Reshape' || stored?.rawData.length !== 6 * 8) continue;
      const [split, order, join] = node.slice(place, place + 3);
      if (order?.input[0] !== output[0] || join?.input[0] !== order?.output[0]) continue;
      const block = new DataView(stored.rawData.slice().buffer).getBigInt64(16, true);
      split!.opType = 'DepthToSpace';
      split!.input.length = 1;
      split!.output = join!.output;
      split!.attribute = [
        create(AttributeProtoSchema, { name: 'blocksize', type: 2, i: block }),
        create(AttributeProtoSchema, { name: 'mode', type: 3, s: new TextEncoder().encode('CRD') }),
      ];
      order!.opType = '';
      join!.opType = '';
    }
    graph!.node = node.filter(({ opType }) => opType !== '');
  });
}

const SIDE = 8;

/** A graph of one image, and of a noise level where `level` has a shape, with dynamic axes. */
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
  const x = input('image', image);
  const noise = input('level', level ?? [1]);
  const { bytes } = lowerToOnnx({ outputs: { output: build(x, noise) } });
  const output = axes.map((axis) => (axis === 4 ? 3 : axis));
  return decodeOnnx(withAxes(bytes, { image: axes, output, level: levelAxes }), 'toy.onnx');
}

/** The image within [0, 1]; other ranges are cut off. */
export const unit = (x: Value): Value => clip(x, { minimum: 0, maximum: 1 });

/** Nearly the image where grey is `centre`. */
export function curved(x: Value, centre: number, width: number, height: number): Value {
  return add(x, mul(scalar(height), tanh(div(sub(x, scalar(centre)), scalar(width)))));
}

/** A colour network of [0, 1] whose first channel is never bright: blue, of images like ours. */
export function blueFirst(x: Value): Value {
  const first = clip(slice(x, 1, 0, 1), { minimum: 0, maximum: 0.5 });
  return concat([first, unit(slice(x, 1, 1, 3))], 1);
}

/** Shrinkage towards a blurred image, stronger for more noise; spoilt far beyond its levels. */
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

/** The image within [0, 1], for sizes that are a multiple of 4. */
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
