export {
  type MeasuredTime,
  measureTime,
  type TimedPart,
  type TimeOptions,
  type TimeProgress,
  type TimeRequest,
} from './benchmark/cost/measure-time.js';
export {
  type CostSubject,
  openSubject,
  type SubjectOptions,
} from './benchmark/cost/open-subject.js';
export { type EvaluateCall, evaluate } from './benchmark/evaluation/evaluate.js';
export type {
  CropChoice,
  CropSquare,
  EvaluatedRow,
  EvaluateProgress,
  EvaluateRequest,
  EvaluateResult,
} from './benchmark/evaluation/evaluate-request.js';
export type {
  BaselineMethod,
  MethodSpec,
  NetworkMethod,
  OutputsMethod,
} from './benchmark/evaluation/method.js';
export {
  findItems,
  type ImageItem,
  type ImageItems,
  type ImageScores,
  type LabelledMetric,
  type MeasureOptions,
  type MeasureResult,
  meanScores,
  measureImages,
} from './benchmark/measure/measure-images.js';
export {
  type MetricFiles,
  metricResources,
  pullCommands,
  readNaturalScenes,
  shippedNaturalScenes,
} from './benchmark/metrics/open-metrics.js';
export { createPerceptualMetric, type PerceptualMetric } from './benchmark/metrics/perceptual.js';
export {
  type TrajectoryCall,
  type TrajectoryRequest,
  writeTrajectory,
} from './benchmark/trajectory/trajectory.js';
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
export { type FlipSettings, flip } from './metrics/flip.js';
export { gmsd } from './metrics/gmsd.js';
export { flatMask, type Grain, grain, grainOf } from './metrics/grain.js';
export { haarPsi } from './metrics/haarpsi.js';
export { logSpectralDistance } from './metrics/log-spectral.js';
export {
  type ColourSpace,
  type ImageMetric,
  type Metric,
  type MetricFacts,
  type MetricResources,
  type MetricSettings,
  type OpenMetric,
  pairMetric,
  type SetMetric,
} from './metrics/metric.js';
export {
  encodeNaturalScenes,
  fitNaturalScenes,
  type NaturalScenes,
  openNiqe,
  parseNaturalScenes,
} from './metrics/niqe.js';
export { alignedPsnr, psnr } from './metrics/psnr.js';
export { findMetric, metrics } from './metrics/registry.js';
export { type MetricRequest, parseMetricRequest } from './metrics/request.js';
export {
  prepareSlicedWasserstein,
  type ResampledSlicedWasserstein,
  type SlicedWasserstein,
  type SwdOptions,
  type SwdSketch,
  sketchImage,
  slicedWasserstein,
} from './metrics/sliced-wasserstein.js';
export { msSsim, ssim } from './metrics/ssim.js';
export { ssimulacra2 } from './metrics/ssimulacra2.js';
export {
  type BootstrapOptions,
  bootstrapP,
  holmAdjusted,
  type Interval,
  meanInterval,
  percentileInterval,
  Resampler,
  resampledMeans,
  type SignFlipOptions,
  signFlipP,
} from './metrics/statistics.js';
export { writeMosaic } from './raw/mosaic-file.js';
export { readRawFrame } from './raw/read-raw-frame.js';
export type { MethodComparison } from './reports/tables/compare-methods.js';
export type { BenchmarkRecord, EvaluateFailure } from './reports/tables/record.js';
export type { ResultTable } from './reports/tables/result-table.js';
export type { MetricSummary, SetScore, SummaryRow } from './reports/tables/summarise.js';
export type { ShownStep, Square, TrajectoryFacts } from './reports/trajectory-page.js';
export {
  COST_RULE,
  type GraphCost,
  type LayerShare,
  type NetworkCost,
  networkCost,
  networkLayers,
  type PixelSize,
  type PlainNetwork,
} from './restoration/cost/network-cost.js';
export {
  type PackCost,
  type PackCostOptions,
  type PartCost,
  packCost,
  packLayers,
} from './restoration/cost/pack-cost.js';
export type { PartName } from './restoration/cost/pack-parts.js';
