import type { Degradation } from './degradation.js';
import { seedAt } from './place.js';

// Purposes of seeds below this belong to the degradations themselves.
const firstPurpose = 1024;

/** Several degradations one after the other, each with random numbers of its own. */
export function sequence(steps: readonly Degradation[]): Degradation {
  let scale = 1;
  let margin = 0;
  for (const step of steps) {
    margin += step.margin * scale;
    scale *= step.scale;
  }
  return {
    name: steps.map(({ name }) => name).join(', then '),
    scale,
    // Whole output pixels where there are such.
    margin: Number.isInteger(scale) ? Math.ceil(margin / scale) * scale : Math.ceil(margin),
    apply: (picture, place) =>
      steps.reduce((current, step, at) => {
        const seed = seedAt(place, firstPurpose + at);
        return step.apply(current, { seed, index: place.index });
      }, picture),
  };
}
