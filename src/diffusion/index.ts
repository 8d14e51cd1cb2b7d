export { type NoiseSource, type State, type Estimate, type EstimateRequest, type SampleOptions, type SampleResult, type StepReport, sample } from './sample.js';
export { ddim, dpmSolver, type Transition, type VarianceKind, forward, reverse } from './samplers.js';
export { type PlannedStep, type SamplerPlan, type StartDraw, planSampler } from './plan.js';
export { type Schedule, type ScheduleSettings, createSchedule, linearSchedule, timeOfSigma, timesteps } from './schedule.js';
export { type NoiseLevelKind, type ResolvedSampler, type SamplerContext, type SamplerKind, type SamplerRequest, type SamplerSettings, type StartMode, noiseLevelKinds, resolveSampler, samplerKinds, samplerSettingNames, startModes, varianceKinds } from './sampler-settings.js';


