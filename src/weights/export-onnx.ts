import { input, lowerToOnnx, type OnnxModel, ParameterScope } from '../graph/index.js';
import type { LoweredGraph } from '../graph/lowering/lower.js';
import { lowerWithDynamicAxes } from '../graph/lowering/lower-dynamic.js';
import type { Network } from '../networks/network.js';
import { ParameterError } from '../utils/errors.js';
import type { Module } from './module-file.js';

/** One size in pixels, or all that a network takes. */
export type ExportSize = { readonly height: number; readonly width: number } | 'dynamic';

/** An ONNX model of a module. */
export interface ExportedModel extends Pick<OnnxModel, 'bytes' | 'inputs' | 'outputs'> {
  /** With dynamic axes, heights and widths are multiples of this. */
  readonly multiple: number;
  /** Smallest height and width. */
  readonly minimum: number;
}

/** Input names of the exported models by role, in the order of `build`. */
const inputNames: Readonly<Record<Network['role'], readonly string[]>> = {
  restorer: ['image'],
  denoiser: ['image', 'sigma'],
  'restorer-or-denoiser': ['image', 'sigma'],
  'burst-restorer': ['image'],
  fusion: ['restored', 'denoised', 't'],
  perceptual: ['image', 'reference'],
};

/**
 * A module as an ONNX model that any runtime can run, for one image at a time in [0, 1]. The inputs
 * are `image`, with `sigma` for some denoisers and `reference` for full-reference metrics, or
 * `restored`, `denoised` and `t`; the output is `output`, or `score` for metrics. With a fixed size
 * the model pads by itself.
 * @throws ParameterError for a size below the smallest, ModelError where `dynamic` is asked of a
 * network whose graph depends on the size.
 * @example
 * const { bytes } = exportModule(module, { height: 256, width: 256 });
 */
export function exportModule(
  { network, config, weights }: Module<Network>,
  size: ExportSize,
): ExportedModel {
  const names = inputNames[network.role];
  const outputName = network.role === 'perceptual' ? 'score' : 'output';
  const build = (height: number, width: number): LoweredGraph => {
    const shapes = network.inputShapes(config, { batch: 1, height, width });
    const inputs = shapes.map((shape, index) => input(names[index]!, shape));
    return {
      outputs: { [outputName]: network.build(config, new ParameterScope(), inputs) },
      weights,
    };
  };
  const rule = network.sizeRule(config);
  if (size === 'dynamic')
    return { ...rule, ...lowerWithDynamicAxes({ name: network.name, build, ...rule }) };
  for (const side of ['height', 'width'] as const)
    if (!Number.isInteger(size[side]) || size[side] < 1)
      throw new ParameterError(side, 'a positive number of pixels', size[side]);
  return { ...rule, ...lowerToOnnx(build(size.height, size.width)) };
}
