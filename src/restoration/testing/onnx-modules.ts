import { create } from '@bufbuild/protobuf';
import { AttributeProtoSchema } from 'onnx-buf';
import { input, lowerToOnnx, ParameterScope } from '../../graph/index.js';
import type { Module } from '../../weights/module-file.js';
import { decodeOnnx } from '../../weights/onnx/decode-onnx.js';
import {
  defineOnnxModule,
  type OnnxContract,
  type OnnxModule,
} from '../../weights/onnx/onnx-module.js';
import { type Axis, edited, withAxes } from '../../weights/onnx/testing/models.js';

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
  const scale = module.network.scale(module.config);
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
