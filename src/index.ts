export type { CropChoice, CropSquare } from './app/benchmark/crops/crop-choice.js';
export { type EvaluateCall, evaluate } from './app/benchmark/evaluate.js';
export type {
  EvaluatedRow,
  EvaluateFailure,
  EvaluateProgress,
  EvaluateRequest,
  EvaluateResult,
} from './app/benchmark/evaluate-request.js';
export type {
  BaselineMethod,
  MethodSpec,
  NetworkMethod,
  OutputsMethod,
} from './app/benchmark/method.js';
export {
  type MeasuredTime,
  measureTime,
  type TimedPart,
  type TimeOptions,
  type TimeProgress,
  type TimeRequest,
} from './app/cost/measure-time.js';
export { type CostSubject, openSubject, type SubjectOptions } from './app/cost/open-subject.js';
export {
  type Measurement,
  type MeasureOptions,
  measurePictures,
} from './app/measure/measure-pictures.js';
export {
  type MeasuredMetric,
  type MeasuredPicture,
  meanScores,
} from './app/measure/measured-picture.js';
export { type MetricFiles, pullCommands } from './app/measure/metric-files.js';
export { metricResources } from './app/measure/metric-resources.js';
export { findItems, type PictureItem, type PictureItems } from './app/measure/picture-pairs.js';
export { shippedPacks } from './app/packs/find-pack.js';
export { loadPack } from './app/packs/load-pack.js';
export type { ModuleRole, ModuleSource } from './app/packs/open-module.js';
export { type ProbeCall, probeModel } from './app/packs/probe-model.js';
export type { ModuleSwaps, SwappedModules } from './app/packs/swap-modules.js';
export { type PackParts, type Provenance, writePack } from './app/packs/write-pack.js';
export { type PulledModel, type PullOptions, pullModel } from './app/pull/pull-model.js';
export { storeFolder } from './app/pull/store.js';
export { findBursts } from './app/restore/batch/find-bursts.js';
export {
  type FindOptions,
  type FoundPicture,
  findPictures,
} from './app/restore/batch/find-pictures.js';
export { type Target, targetsIn } from './app/restore/batch/plan-results.js';
export {
  Batch,
  type BatchCounts,
  type BatchEvent,
  type BatchOptions,
  type SkipReason,
} from './app/restore/batch/restore-all.js';
export {
  type WatchOptions,
  watchBursts,
  watchPictures,
} from './app/restore/batch/watch-pictures.js';
export {
  type BurstCall,
  type BurstFilesCall,
  type RestoreCall,
  type RestoredPicture,
  restoreBurst,
  restoreBurstFiles,
  restoreFile,
  restorePicture,
} from './app/restore/restore.js';
export {
  type BurstPictureOptions,
  type FileOptions,
  type PictureOptions,
  type Restored,
  type RestoredFile,
  type RestoreEvent,
  restore,
} from './app/restore/restore-any.js';
export type {
  BurstFacts,
  BurstFilesRequest,
  BurstRequest,
  NamedMotion,
  RestoreFacts,
  RestoreRequest,
  UncertaintyFacts,
} from './app/restore/restore-request.js';
export {
  type ResultPaths,
  resultPaths,
  type SampleRequest,
} from './app/restore/samples/samples.js';
export { type Calibration, type PictureWork, TimeLeft } from './app/restore/time/time-left.js';
export { renderTrainingReport, writeTrainingReport } from './app/training-report/report-page.js';
export { type RunRecord, readRun } from './app/training-report/run-record.js';
export { type TrajectoryCall, writeTrajectory } from './app/trajectory/trajectory.js';
export type {
  ShownStep,
  Square,
  TrajectoryFacts,
  TrajectoryRequest,
} from './app/trajectory/trajectory-request.js';
export * from './core.js';
export { type BurstMetadata, readBurstMetadata } from './datasets/bursts/burst-files.js';
export { openStoredBurst, type StoredBurst } from './datasets/bursts/stored-burst.js';
export {
  type CheckDatasetOptions,
  checkDataset,
  type DatasetCheck,
  type DatasetProblem,
} from './datasets/check-dataset.js';
export {
  type DatasetItem,
  type DatasetTask,
  type ImageDataset,
  type LayoutName,
  layoutNames,
  type StrayFile,
} from './datasets/dataset.js';
export { type MadeDataset, type MakeDatasetOptions, makeDataset } from './datasets/make-dataset.js';
export { type OpenDatasetOptions, openDataset } from './datasets/open-dataset.js';
export { type ResizeTarget, resizeBicubic } from './degradation/bicubic-resize.js';
export type { Camera } from './degradation/camera/camera.js';
export { demosaicBilinear } from './degradation/camera/mosaic.js';
export { type DeviceInfo, listDevices, requireDevice } from './engine/devices.js';
export {
  createEngine,
  type Engine,
  type EngineOptions,
  type JobOptions,
  LEAST_PROCESS_MEMORY,
} from './engine/engine.js';
export type { Job, JobContext } from './engine/job.js';
export { createLocalRunner, type RunnerOptions } from './engine/local-runner.js';
export type { MethodComparison } from './evaluation/benchmark/compare-methods.js';
export type { BenchmarkRecord } from './evaluation/benchmark/record.js';
export type { SetFigure } from './evaluation/benchmark/set-figure.js';
export type { MetricSummary, SummaryRow } from './evaluation/benchmark/summarise.js';
export type { ResultTable } from './evaluation/benchmark/table.js';
export { COST_RULE, type GraphCost, type LayerShare } from './evaluation/cost/graph-cost.js';
export {
  type NetworkCost,
  networkCost,
  networkLayers,
  type PixelSize,
  type PlainNetwork,
} from './evaluation/cost/network-cost.js';
export {
  type PackCost,
  type PackCostOptions,
  type PartCost,
  packCost,
  packLayers,
} from './evaluation/cost/pack-cost.js';
export type { PartName } from './evaluation/cost/pack-parts.js';
export { alignedPsnr } from './evaluation/metrics/aligned/aligned-psnr.js';
export type { MetricDefinition } from './evaluation/metrics/definition.js';
export { type FlipSettings, flip } from './evaluation/metrics/flip.js';
export { gmsd } from './evaluation/metrics/gmsd.js';
export { flatMask, type Grain, grain, grainOf } from './evaluation/metrics/grain.js';
export { haarPsi } from './evaluation/metrics/haarpsi.js';
export { logSpectralDistance } from './evaluation/metrics/log-spectral.js';
export type {
  BlindMetric,
  ColourSpace,
  Metric,
  MetricFacts,
  MetricSettings,
  PictureMetric,
} from './evaluation/metrics/metric.js';
export { msSsim } from './evaluation/metrics/ms-ssim.js';
export { fitNaturalScenes } from './evaluation/metrics/niqe/fit-natural-scenes.js';
export {
  encodeNaturalScenes,
  type NaturalScenes,
  parseNaturalScenes,
} from './evaluation/metrics/niqe/natural-scenes.js';
export { niqe, niqeDelta } from './evaluation/metrics/niqe/niqe.js';
export {
  readNaturalScenes,
  shippedNaturalScenes,
} from './evaluation/metrics/niqe/shipped-scenes.js';
export { createPerceptualMetric, type PerceptualMetric } from './evaluation/metrics/perceptual.js';
export { psnr } from './evaluation/metrics/psnr.js';
export { findMetric, metrics } from './evaluation/metrics/registry.js';
export { type MetricRequest, parseMetricRequest } from './evaluation/metrics/request.js';
export type { MetricResources } from './evaluation/metrics/resources.js';
export type { SetMetric } from './evaluation/metrics/set-metric.js';
export { findSetMetric, setMetrics } from './evaluation/metrics/set-metrics.js';
export {
  prepareSlicedWasserstein,
  type ResampledSlicedWasserstein,
  type SlicedWasserstein,
  type SwdOptions,
  type SwdSketch,
  sketchImage,
  slicedWasserstein,
} from './evaluation/metrics/sliced-wasserstein.js';
export { ssim } from './evaluation/metrics/ssim.js';
export { ssimulacra2 } from './evaluation/metrics/ssimulacra2.js';
export {
  type BootstrapOptions,
  bootstrapP,
  type Interval,
  meanInterval,
  percentileInterval,
  Resampler,
  resampledMeans,
} from './evaluation/statistics/bootstrap.js';
export { holmAdjusted } from './evaluation/statistics/holm.js';
export { type SignFlipOptions, signFlipP } from './evaluation/statistics/sign-flip.js';
export type { CompiledGraph, DeviceReport, Feeds, GraphRunner } from './graph/graph-runner.js';
export { type DecodedPicture, decodeImage } from './images/decode.js';
export { type EncodeOptions, type PictureToEncode, writeImage } from './images/encode.js';
export type { DecodeLimits } from './images/source.js';
export { type OpenBurstOptions, openBurst, type RawBurst } from './raw/burst.js';
export type { Orientation, RawFrame, RawLimits, RawMetadata } from './raw/frame.js';
export { writeMosaic } from './raw/mosaic-file.js';
export { readRawFrame } from './raw/read-raw-frame.js';
export { integerAt, normalAt, uniformAt } from './tensor/random.js';
export type { TrainingMemory } from './training/cost/training-memory.js';
export { type TrialOptions, type TrialResult, tryTraining } from './training/cost/trial.js';
export type { CropPair, CustomParts, Dataset, DatasetPlace, Loss } from './training/custom.js';
export { parseRecipe, type Recipe } from './training/recipe.js';
export { runTraining } from './training/run-training.js';
export { type TrainOptions, train, trainHere } from './training/train.js';
export type {
  TrainingListener,
  TrainingOptions,
  TrainingResult,
} from './training/training-options.js';
export type { ValidationEntry } from './training/validation/validation.js';
