import { fillNormal } from '../../tensor/random.js';
import { drawLogUniform } from '../place.js';
import type { Range } from '../settings.js';

/** Adds normal noise of variance shot * light + read, levels drawn log-uniformly, in place. */
export function addLightNoise(
  light: Float32Array,
  levels: { readonly shot: Range; readonly read: Range },
  seed: number,
): void {
  const shot = drawLogUniform(levels.shot, seed, 0, 0);
  const read = drawLogUniform(levels.read, seed, 0, 1);
  const normal = new Float32Array(light.length);
  fillNormal(normal, seed, 0);
  for (let at = 0; at < light.length; at++)
    light[at]! += normal[at]! * Math.sqrt(shot * Math.max(light[at]!, 0) + read);
}
