export type { CompiledGraph, DeviceReport, Feeds, GraphRunner } from './contract.js';
export { type DeviceInfo, listDevices, requireDevice } from './devices.js';
export { createLocalRunner, type RunnerOptions } from './local-runner.js';
export {
  createEngine,
  type Engine,
  type EngineOptions,
  type JobOptions,
  LEAST_PROCESS_MEMORY,
} from './process/engine.js';
export type { Job, JobContext } from './process/job.js';
