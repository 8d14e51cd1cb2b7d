export { type DeviceInfo, listDevices } from './engine/devices.js';
export { createEngine, type Engine, type EngineOptions } from './engine/engine.js';
export { defineJob, type Job, type JobContext } from './engine/job.js';
export { createLocalRunner, type RunnerOptions } from './engine/local-runner.js';
export { type DecodedImage, decodeImage } from './images/decode.js';
export {
  type EncodeOptions,
  encodeImage,
  type ImageToEncode,
  writeImage,
} from './images/encode.js';
export type { ImageFormat } from './images/format.js';
export type { DecodeLimits } from './images/source.js';
export type { ModuleSwaps, SwappedModules } from './models/cached-pack.js';
export type { ModuleSource } from './models/open-module.js';
export { loadPack, shippedPacks } from './models/packs.js';
export { type OpenBurstOptions, openBurst, type RawBurst } from './raw/burst.js';
export type { RawFrame } from './raw/frame.js';
export type { Burst, Pack, RestoreProgress, TaskName } from './restoration/index.js';
export { taskNames } from './restoration/index.js';
export type { Target } from './restore-files/batch/plan-results.js';
export type { BatchCounts, BatchEvent, SkipReason } from './restore-files/batch/restore-all.js';
export {
  type BurstFilesCall,
  type RestoreCall,
  restoreBurstFiles,
  restoreFile,
} from './restore-files/restore.js';
export {
  type BurstImageOptions,
  type BytesOptions,
  type FileOptions,
  type ImageOptions,
  type Restored,
  type RestoredBytes,
  type RestoredFile,
  type RestoreEvent,
  restore,
} from './restore-files/restore-any.js';
export {
  type FolderOptions,
  type RestoredFolder,
  restoreFolder,
} from './restore-files/restore-folder.js';
export type {
  BurstFacts,
  BurstFilesRequest,
  RestoreFacts,
  RestoreRequest,
  UncertaintyFacts,
} from './restore-files/restore-request.js';
export { type Tensor, tensor } from './tensor/tensor.js';
export {
  CancelledError,
  DpirError,
  EngineError,
  type ErrorCode,
  type ErrorDetails,
  type ErrorKind,
  InputError,
  LimitError,
  ModelError,
  OutputError,
  ParameterError,
} from './utils/errors.js';
