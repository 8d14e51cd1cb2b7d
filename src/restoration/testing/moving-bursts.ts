import {
  type BurstSettings,
  type SyntheticBurst,
  synthesiseBurst,
} from '../../degradation/burst.js';
import { scene } from './scene.js';

/** Pixels of the picture around what frames show, more than they move. */
const BORDER = 220;

/** A synthetic burst of frames whose mosaic has `side` pixels along each side. */
export function movingBurst(
  side: number,
  settings: Pick<BurstSettings, 'seed' | 'frames' | 'maxTranslation' | 'maxRotation' | 'noise'>,
): SyntheticBurst {
  const full = 4 * side + 2 * BORDER;
  return synthesiseBurst(scene(full, full, settings.seed), { ...settings, border: BORDER });
}
