import { uniformAt } from '../../tensor/random.js';
import { DRAWS_PER_SAMPLE } from '../photographs/crops.js';

/** Where the numbers of a sample lie that are not about its crop. */
export interface SamplePlace {
  readonly seed: number;
  readonly step: number;
  readonly sample: number;
}

const LAW_DRAW = 8;
/** The draw that says where a fusion sample's state is centred. */
export const STATE_DRAW = 11;

/** A number between two bounds, uniform or uniform in its logarithm. */
export function drawBetween(
  { seed, step, sample }: SamplePlace,
  minimum: number,
  maximum: number,
  law: 'uniform' | 'log-uniform',
  draw = LAW_DRAW,
): number {
  const share = uniformAt(seed, step, sample * DRAWS_PER_SAMPLE + draw);
  if (law === 'uniform') return minimum + (maximum - minimum) * share;
  return minimum * (maximum / minimum) ** share;
}
