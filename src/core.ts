export * as degradation from './degradation/index.js';
export * as diffusion from './diffusion/index.js';
export type { CompiledGraph, DeviceReport, Feeds, GraphRunner } from './graph/graph-runner.js';
export * as graph from './graph/index.js';
export {
  type Architecture,
  type BurstRestorerNetwork,
  type DenoiserNetwork,
  type FusionNetwork,
  type ImageNetwork,
  type Network,
  type PerceptualNetwork,
  parseConfiguration,
  type RestorerNetwork,
  type RestorerOrDenoiserNetwork,
} from './networks/network.js';
export {
  findImageNetwork,
  findNetwork,
  findPerceptualNetwork,
  imageNetworks,
  networks,
  perceptualNetworks,
} from './networks/registry.js';
export {
  buildBurstRestorer,
  buildDenoiser,
  buildRestorer,
  type Role,
  roleOf,
} from './networks/roles.js';
export { fitBurst } from './restoration/burst/burst-frames.js';
export * as restoration from './restoration/index.js';
export { imageNoise } from './tensor/image-noise.js';
export { decodePyTorch, type PyTorchState } from './tensor/pytorch/decode-pytorch.js';
export { integerAt, normalAt, uniformAt } from './tensor/random.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsContent,
} from './tensor/safetensors.js';
export { sharpness } from './tensor/sharpness.js';
export {
  allocate,
  arrayTypes,
  bytesPerElement,
  type DataArray,
  type DataType,
  sizeOf,
  type Tensor,
  tensor,
  typedTensor,
} from './tensor/tensor.js';
export {
  CancelledError,
  DpirError,
  EngineError,
  type ErrorCode,
  type ErrorCodes,
  type ErrorDetails,
  type ErrorFacts,
  type ErrorKind,
  InputError,
  LimitError,
  ModelError,
  OutputError,
  ParameterError,
} from './utils/errors.js';
export { type CatalogueEntry, catalogue, findEntry } from './weights/catalogue/catalogue.js';
export {
  COUNTING_RULE,
  describeModule,
  type ModuleFacts,
  type Tiling,
} from './weights/describe-module.js';
export { type Detected, type DetectionOptions, detectNetwork } from './weights/detection/detect.js';
export { type ExportedModel, type ExportSize, exportModule } from './weights/export-onnx.js';
export { joinLpips } from './weights/join-lpips.js';
export {
  type CheckpointOptions,
  type DecodedModel,
  decodeCheckpoint,
  decodeModel,
  decodePerceptualCheckpoint,
} from './weights/load-checkpoint.js';
export {
  declaredParameters,
  decodeModule,
  defineModule,
  encodeModule,
  type Module,
  type PerceptualModule,
  requireWeights,
} from './weights/module-file.js';
export { decodeOnnx, type OnnxFile, type OnnxValue } from './weights/onnx/decode-onnx.js';
export {
  defineOnnxModule,
  type OnnxContract,
  type OnnxModule,
  type OnnxStatement,
  onnxContractSchema,
  parseStatement,
} from './weights/onnx/onnx-module.js';
