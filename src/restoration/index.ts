export type { Rectangle } from '../tensor/window.js';
export type { Burst, FrameChoice, FrameMotion } from './burst/burst-input.js';
export { type DegradedInput, imageInput } from './image-input.js';
export { weightBytes } from './memory/memory-plan.js';
export {
  type ConsistencyKind,
  consistencyKinds,
  joinPack,
  type Pack,
  type PackManifest,
  type PackModules,
  parseManifest,
} from './pack.js';
export { isOnnx, nameOf, type PackModule, requireNetwork, scaleOf } from './pack-module.js';
export {
  type OnRegion,
  planRestoration,
  type RestorationFacts,
  type RestorationPlan,
  type RestoredRegion,
  type RestoreOptions,
  type RestoreProgress,
  restoreRegions,
  runRestoration,
} from './pipeline.js';
export { type ResultSettings, resolveResult } from './postprocessing.js';
export {
  type Finding,
  type ProbeReport,
  probeContract,
  requireContract,
  type Undecided,
} from './probe/probe-contract.js';
export {
  type BurstOptions,
  type BurstRestoration,
  type BurstResult,
  joinBurst,
  joinDegraded,
  joinImage,
  type Restoration,
  type RestoreResult,
  restoreBurst,
  restoreImage,
  restoreWhole,
} from './restore.js';
export { modelFeeds, modelImage, runOnnx } from './run-onnx.js';
export { DEFAULT_TASK, type TaskName, taskNames } from './task-names.js';
export { type Task, type TaskNameOf, taskOf, tasks, taskWithInput } from './tasks.js';
export { collectRegions, RowWindow, type WholeResult } from './tiles/assemble-regions.js';
export {
  layOut,
  rectangleOf,
  type Span,
  type Tile,
  type TileSettings,
  tilesOf,
} from './tiles/tiling.js';
export {
  type FusionWeights,
  type Trace,
  type TracedStep,
  type TraceOptions,
  traceRestoration,
} from './trace.js';
