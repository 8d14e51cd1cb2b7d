import { input, lowerToOnnx, type OnnxModel, ParameterScope } from '../graph/index.js';
import type { LoweredGraph } from '../graph/lowering/lower.js';
import { lowerWithDynamicAxes } from '../graph/lowering/lower-dynamic.js';
import { ParameterError } from '../utils/errors.js';
import type { Module, PerceptualModule } from './module-file.js';

/** One size in pixels, or all that a network takes. */
export type ExportSize = { readonly height: number; readonly width: number } | 'dynamic';

/** An ONNX model of a module. */
export interface ExportedModel extends Pick<OnnxModel, 'bytes' | 'inputs' | 'outputs'> {
  /** With dynamic axes, heights and widths are multiples of this. */
  readonly multiple: number;
  /** Smallest height and width. */
  readonly minimum: number;
}

/**
 * A module as an ONNX model that any runtime can run. One image at a time: the inputs are the
 * network's own, in [0, 1], `image`, or `image` and `sigma`, or `restored`, `denoised` and `t`; the
 * output is `output`. With a fixed size the model pads by itself.
 * @throws ParameterError for a size below the smallest, ModelError where `dynamic` is asked of a
 * network whose graph depends on the size.
 */
export function exportModule(
  { network, config, weights }: Module,
  size: ExportSize,
): ExportedModel {
  const { multiple, minimum } = network.sizeRule(config);
  const build = (height: number, width: number): LoweredGraph => {
    const shapes = network.inputShapes(config, { batch: 1, height, width });
    const names = inputNames[shapes.length] ?? shapes.map((_, index) => `input${index}`);
    const inputs = shapes.map((shape, index) => input(names[index]!, shape));
    return { outputs: { output: network.build(config, new ParameterScope(), inputs) }, weights };
  };
  return exported(network.name, build, { multiple, minimum }, size);
}

const inputNames: Readonly<Record<number, readonly string[]>> = {
  1: ['image'],
  2: ['image', 'sigma'],
  3: ['restored', 'denoised', 't'],
};

/**
 * A perceptual network as an ONNX model: `image`, and `reference` where it compares, to `score`.
 * @throws as `exportModule`.
 */
export function exportPerceptual(
  { network, config, weights }: PerceptualModule,
  size: ExportSize,
): ExportedModel {
  const build = (height: number, width: number): LoweredGraph => {
    const inputs = ['image', 'reference']
      .slice(0, network.images(config))
      .map((name) => input(name, [1, 3, height, width]));
    return { outputs: { score: network.build(config, new ParameterScope(), inputs) }, weights };
  };
  return exported(network.name, build, { multiple: 1, minimum: network.minimum(config) }, size);
}

function exported(
  name: string,
  build: (height: number, width: number) => LoweredGraph,
  rule: { readonly multiple: number; readonly minimum: number },
  size: ExportSize,
): ExportedModel {
  if (size === 'dynamic') return { ...rule, ...lowerWithDynamicAxes({ name, build, ...rule }) };
  for (const side of ['height', 'width'] as const)
    if (!Number.isInteger(size[side]) || size[side] < 1)
      throw new ParameterError(side, 'a positive number of pixels', size[side]);
  return { ...rule, ...lowerToOnnx(build(size.height, size.width)) };
}
