export { type RunRecord, readRun } from './reports/run-record.js';
export { renderTrainingReport, writeTrainingReport } from './reports/training-report.js';
export type { TrainingMemory } from './training/cost/training-memory.js';
export { type TrialOptions, type TrialResult, tryTraining } from './training/cost/trial.js';
export type {
  CropPair,
  CropRequest,
  CustomParts,
  Dataset,
  Loss,
} from './training/custom-parts.js';
export { parseRecipe, type Recipe } from './training/recipe.js';
export {
  runTraining,
  type TrainingListener,
  type TrainingOptions,
  type TrainingResult,
} from './training/run-training.js';
export { type TrainOptions, train, trainHere } from './training/train.js';
export type { ValidationEntry } from './training/validation/validation.js';
