import { ParameterError } from '../tensor/errors.js';

/**
 * The times at which the estimate is evaluated: round(tau (N - i) / N) for i = 0..N - 1, halves
 * upwards. Strictly falling from tau; after the last one comes 0.
 * @throws ParameterError where not 1 <= steps <= tau.
 */
export function timesteps(tau: number, steps: number): number[] {
  if (!Number.isInteger(tau) || tau < 1) throw new ParameterError('tau', 'an integer from 1', tau);
  if (!Number.isInteger(steps) || steps < 1 || steps > tau)
    throw new ParameterError('steps', `an integer in 1..tau = ${tau}`, steps);
  return Array.from({ length: steps }, (_, i) => Math.round((tau * (steps - i)) / steps));
}
