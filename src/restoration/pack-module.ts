import { outputScale, type SizeRule } from '../networks/network.js';
import { ModelError } from '../utils/errors.js';
import type { Module } from '../weights/module-file.js';
import type { OnnxModule } from '../weights/onnx/onnx-module.js';

/** A part of a pack: a network of this package, or an ONNX file with its contract. */
export type PackModule = Module | OnnxModule;

export function isOnnx(module: PackModule): module is OnnxModule {
  return 'contract' in module;
}

/**
 * The module as the network that it must be.
 * @throws ModelError for an ONNX file, which runs by itself.
 */
export function requireNetwork(module: PackModule): Module {
  if (!isOnnx(module)) return module;
  throw new ModelError(nameOf(module), 'is an ONNX file, expected a network of this package');
}

/** What messages call a module. */
export function nameOf(module: PackModule): string {
  return isOnnx(module) ? module.file.name : module.network.name;
}

/** Output height over input height, in the network's own grid. */
export function scaleOf(module: PackModule): number {
  return isOnnx(module) ? module.contract.scale : outputScale(module.network, module.config);
}

/** Sizes that a module pads to. */
export function sizeRuleOf(module: PackModule): SizeRule {
  return isOnnx(module) ? module.contract.size : module.network.sizeRule(module.config);
}

/** The only height and width that a module takes, where there is one. */
export function fixedSizeOf(module: PackModule): readonly [number, number] | undefined {
  return isOnnx(module) ? module.contract.size.fixed : undefined;
}

/** Pixels around a tile that make it equal to the whole; `undefined` where none do. */
export function receptiveRadiusOf(module: PackModule): number | undefined {
  return isOnnx(module) ? module.contract.radius : module.network.receptiveRadius(module.config);
}
