import type { Comparison, Row } from '../table.js';
import { fidelity, perception } from './shared.js';

/** A row for each tau, with as many steps of DDIM each; no tau is below their number. */
export function sweepByDdim(method: string, taus: readonly number[], steps: number): Row[] {
  return taus.map((tau) => ({
    name: nameOf(tau),
    method: `${method}@tau=${tau}@steps=${steps}@sampler=ddim`,
  }));
}

/** A row for each tau, with every one of its steps. */
export function sweepWhole(method: string, taus: readonly number[]): Row[] {
  return taus.map((tau) => ({
    name: nameOf(tau),
    method: `${method}@tau=${tau}@steps=${tau}@sampler=ancestral`,
  }));
}

/** That a larger tau gives up fidelity for perception. */
export function tradeOff(smaller: number, larger: number): Comparison[] {
  return [
    {
      says: 'a larger tau looks better',
      ...{ row: nameOf(larger), against: nameOf(smaller) },
      ...{ metrics: perception, expected: 'better' },
    },
    {
      says: 'a smaller tau is truer',
      ...{ row: nameOf(smaller), against: nameOf(larger) },
      ...{ metrics: fidelity, expected: 'better' },
    },
  ];
}

function nameOf(tau: number): string {
  return `tau ${tau}`;
}
