export type { NoiseSource, State } from './advance.js';
export { ddim } from './ddim.js';
export { dpmSolver } from './dpm-solver.js';
export type { PlannedStep, SamplerPlan, StartDraw } from './plan.js';
export { planSampler } from './plan.js';
export type {
  Estimate,
  EstimateRequest,
  SampleOptions,
  SampleResult,
  StepReport,
} from './sample.js';
export { sample } from './sample.js';
export type { Schedule, ScheduleSettings } from './schedule.js';
export { createSchedule, linearSchedule, timeOfSigma } from './schedule.js';
export type {
  NoiseLevelKind,
  ResolvedSampler,
  SamplerContext,
  SamplerKind,
  SamplerRequest,
  SamplerSettings,
  StartMode,
} from './settings.js';
export {
  noiseLevelKinds,
  resolveSampler,
  samplerKinds,
  samplerSettingNames,
  startModes,
  varianceKinds,
} from './settings.js';
export { timesteps } from './timesteps.js';
export type { Transition, VarianceKind } from './transitions.js';
export { forward, reverse } from './transitions.js';
