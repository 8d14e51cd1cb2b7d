export { joinPack } from './join-pack.js';
export { modelFeeds, modelPicture } from './onnx-pictures.js';
export { type Pack, type PackManifest, type PackModules, parseManifest } from './pack.js';
export { isOnnx, nameOf, type PackModule, scaleOf } from './pack-module.js';
export {
  type Finding,
  type ProbeReport,
  probeContract,
  requireContract,
  type Undecided,
} from './probe/index.js';
export {
  type RestoreOptions,
  type RestoreProgress,
  type RestoreResult,
  restorePicture,
} from './restore-picture.js';
export { runOnnx } from './run-onnx.js';
export { layOut, type Span, type TileSettings } from './tile-layout.js';
export { tilesOf } from './tiling.js';
