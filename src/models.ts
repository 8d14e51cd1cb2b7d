export type { ModuleSwaps, SwappedModules } from './models/cached-pack.js';
export {
  type ModuleRole,
  type ModuleSource,
  type ProbeCall,
  probeModel,
} from './models/open-module.js';
export { loadPack, shippedPacks } from './models/packs.js';
export {
  type PulledModel,
  type PullOptions,
  pullModel,
  storeFolder,
} from './models/pull/pull-model.js';
export { type PackParts, type Provenance, writePack } from './models/write-pack.js';
