export { joinPack } from './join-pack.js';
export { type Pack, type PackManifest, type PackModules, parseManifest } from './pack.js';
export {
  type RestoreOptions,
  type RestoreProgress,
  type RestoreResult,
  restorePicture,
} from './restore-picture.js';
export { layOut, type Span, type TileSettings } from './tile-layout.js';
export { tilesOf } from './tiling.js';
