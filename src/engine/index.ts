export type { CompiledGraph, DeviceReport, Feeds, GraphRunner } from './contract.js';
export { createLocalRunner, type RunnerOptions } from './local-runner.js';
