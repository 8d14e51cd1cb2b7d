export { type CatalogueEntry, catalogue, findEntry } from './checkpoints/catalogue/index.js';
export { type DecodedModel, decodeModel } from './checkpoints/decode-model.js';
export {
  COUNTING_RULE,
  describeModule,
  type ModuleFacts,
  type Tiling,
} from './checkpoints/describe-module.js';
export {
  type Detected,
  type DetectedNetwork,
  type DetectedPerceptual,
  type DetectionOptions,
  detect,
  detectNetwork,
  detectPerceptual,
} from './checkpoints/detection/index.js';
export {
  type ExportedModel,
  type ExportSize,
  exportModule,
  exportPerceptual,
} from './checkpoints/export-onnx.js';
export {
  type CheckpointOptions,
  decodeCheckpoint,
  decodePerceptualCheckpoint,
} from './checkpoints/load-checkpoint.js';
export * from './checkpoints/module-file.js';
export {
  type OnnxContract,
  type OnnxStatement,
  onnxContractSchema,
  parseStatement,
} from './checkpoints/onnx/contract.js';
export { decodeOnnx, type OnnxFile, type OnnxValue } from './checkpoints/onnx/index.js';
export { defineOnnxModule, type OnnxModule } from './checkpoints/onnx/onnx-module.js';
export { joinLpips } from './checkpoints/perceptual/join-lpips.js';
export * from './checkpoints/perceptual/perceptual-module.js';
export { decodePyTorch, type PyTorchState } from './checkpoints/pytorch/index.js';
export * as degradation from './degradation/index.js';
export * as diffusion from './diffusion/index.js';
export * as graph from './graph/index.js';
export { fitBurst } from './networks/bsrt/frames.js';
export { parseConfiguration } from './networks/configuration.js';
export type { Network } from './networks/network.js';
export type { PerceptualNetwork } from './networks/perceptual/perceptual-network.js';
export { findPerceptualNetwork, perceptualNetworks } from './networks/perceptual/registry.js';
export { findNetwork, networks } from './networks/registry.js';
export * from './networks/roles.js';
export * as restoration from './restoration/index.js';
export * from './tensor/errors.js';
export { imageNoise } from './tensor/image-noise.js';
export * from './tensor/safetensors.js';
export { sharpness } from './tensor/sharpness.js';
export * from './tensor/tensor.js';
