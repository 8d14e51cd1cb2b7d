export { type PlannedStep, planSampler, type SamplerPlan, type StartDraw } from './plan.js';
export {
  type Estimate,
  type EstimateRequest,
  type NoiseSource,
  type SampleOptions,
  type SampleResult,
  type State,
  type StepReport,
  sample,
} from './sample.js';
export {
  type NoiseLevelKind,
  noiseLevelKinds,
  type ResolvedSampler,
  resolveSampler,
  type SamplerContext,
  type SamplerKind,
  type SamplerRequest,
  type SamplerSettings,
  type StartMode,
  samplerKinds,
  samplerSettingNames,
  startModes,
  varianceKinds,
} from './sampler-settings.js';
export {
  ddim,
  dpmSolver,
  forward,
  reverse,
  type Transition,
  type VarianceKind,
} from './samplers.js';
export {
  createSchedule,
  linearSchedule,
  type Schedule,
  type ScheduleSettings,
  timeOfSigma,
  timesteps,
} from './schedule.js';
