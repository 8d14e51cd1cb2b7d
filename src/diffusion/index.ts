export type { NoiseSource, State } from './advance.js';
export { ddim } from './ddim.js';
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
export { createSchedule, linearSchedule } from './schedule.js';
export type {
  ResolvedSampler,
  SamplerContext,
  SamplerKind,
  SamplerRequest,
  SamplerSettings,
  StartMode,
} from './settings.js';
export { resolveSampler } from './settings.js';
export { timesteps } from './timesteps.js';
export type { Transition, VarianceKind } from './transitions.js';
export { forward, reverse } from './transitions.js';
