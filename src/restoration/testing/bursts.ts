import {
  type BurstSettings,
  type SyntheticBurst,
  synthesiseBurst,
} from '../../degradation/burst.js';
import { drawCamera } from '../../degradation/camera/camera.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Burst } from '../burst/burst-input.js';
import { joinPack, type PackManifest } from '../pack.js';
import { scene } from './images.js';
import { compactModules, madeUpManifest, madeUpModule, type NetworkPack } from './packs.js';

/** A frame [4, h, w] of waves in [0, 0.5], finer ones where it is sharper. */
export function frame(height: number, width: number, sharpness: number): Tensor {
  const data = new Float32Array(4 * height * width);
  for (let place = 0; place < data.length; place += 1) {
    const x = place % width;
    const y = Math.floor(place / width) % height;
    const detail = sharpness * Math.sin(2.9 * x + 1.7 * y);
    data[place] = 0.2 + 0.1 * Math.sin(0.4 * x - 0.3 * y) + 0.05 * detail;
  }
  return tensor([4, height, width], data);
}

/** A burst of frames of rising sharpness but for the reference, whose own is 0. */
export function burstOf(count: number, height: number, width: number): Burst {
  const frames = Array.from({ length: count }, (_, index) => frame(height, width, index));
  return { frames, camera: drawCamera(5, 0) };
}

/** BSRT of three frames, tiny, with made-up weights. */
export const tinyBsrt = madeUpModule('bsrt', {
  burst_size: 3,
  embed_dim: 6,
  depths: [1, 1],
  num_heads: [1, 1],
  window_size: 4,
  mlp_ratio: 1,
});

/** A pack for bursts around a tiny BSRT. */
export function bsrtPack(changes: Partial<PackManifest> = {}): NetworkPack {
  const manifest = madeUpManifest({ task: 'burst', scale: 4, ...changes });
  return joinPack(manifest, { ...compactModules, restorer: tinyBsrt }, 'made-up');
}

/** A burst network of any number of frames and finite reach, with made-up weights. */
export const nearBurst = madeUpModule('compact-burst', {
  scale: 4,
  features: 4,
  encoderBlocks: 0,
  trunkFeatures: 4,
  trunkBlocks: 0,
  flowLevels: 1,
  window: 0.5,
  maxFlow: 1,
  frames: 3,
});

/** A pack for bursts whose tiles give the pixels of the whole. */
export function nearPack(changes: Partial<PackManifest> = {}): NetworkPack {
  const manifest = madeUpManifest({ task: 'burst', scale: 4, ...changes });
  return joinPack(manifest, { ...compactModules, restorer: nearBurst }, 'made-up');
}

/** Pixels of the image around what frames show, more than they move. */
const BORDER = 220;

/** A synthetic burst of frames whose mosaic has `side` pixels along each side. */
export function movingBurst(
  side: number,
  settings: Pick<BurstSettings, 'seed' | 'frames' | 'maxTranslation' | 'maxRotation' | 'noise'>,
): SyntheticBurst {
  const full = 4 * side + 2 * BORDER;
  return synthesiseBurst(scene(full, full, settings.seed), { ...settings, border: BORDER });
}
