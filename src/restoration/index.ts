export type { Rectangle } from '../tensor/window.js';
export { type ResultSettings, resolveResult } from './finish.js';
export type { FusionWeights } from './fusion-weights.js';
export type { Burst, FrameChoice, FrameMotion } from './inputs/burst.js';
export type { DegradedInput } from './inputs/input-kind.js';
export { pictureInput } from './inputs/picture.js';
export { joinDegraded } from './join-degraded.js';
export { joinPack } from './join-pack.js';
export { weightBytes } from './memory/need.js';
export { modelFeeds, modelPicture } from './onnx-pictures.js';
export {
  type ConsistencyKind,
  consistencyKinds,
  type Pack,
  type PackManifest,
  type PackModules,
  parseManifest,
} from './pack.js';
export { isOnnx, nameOf, type PackModule, scaleOf } from './pack-module.js';
export {
  type Finding,
  type ProbeReport,
  probeContract,
  requireContract,
  type Undecided,
} from './probe/index.js';
export type { Restoration } from './restoration.js';
export {
  type BurstOptions,
  type BurstRestoration,
  type BurstResult,
  joinBurst,
  restoreBurst,
} from './restore-burst.js';
export {
  joinPicture,
  type RestoreResult,
  restorePicture,
  restoreWhole,
} from './restore-picture.js';
export {
  type OnRegion,
  type RestorationFacts,
  type RestoredRegion,
  type RestoreOptions,
  type RestoreProgress,
  restoreRegions,
} from './restore-regions.js';
export { RowWindow } from './row-window.js';
export { runOnnx } from './run-onnx.js';
export { type Task, type TaskName, taskNames, taskOf, tasks } from './tasks/index.js';
export { layOut, type Span, type TileSettings } from './tile-layout.js';
export { rectangleOf, type Tile, tilesOf } from './tiling.js';
export { type Trace, type TracedStep, type TraceOptions, traceRestoration } from './trace.js';
export { collectRegions, type WholeResult } from './whole-result.js';
