import type { Comparison, EvaluationTable, Row } from '../table.js';
import { enlargementMetrics, fidelity, perception, TO_250, TO_250_NOTE, UNSEEN } from './shared.js';

const metrics = [...fidelity, ...perception];

function losesNothing(row: string, against: string): Comparison {
  const says = 'DDIM with fewer steps loses nothing';
  return { says, row, against, metrics, expected: { within: UNSEEN } };
}

/** With the posterior's own variance, which leaves the state as noisy as DDIM does. */
function everyStep(tau: number): Row {
  return {
    name: `tau ${tau} by ${tau} steps`,
    method: `${TO_250}@tau=${tau}@steps=${tau}@sampler=ancestral@variance=small`,
  };
}

function byDdim(tau: number, steps: number): Row {
  return {
    name: `tau ${tau} by ${steps} DDIM steps`,
    method: `${TO_250}@tau=${tau}@steps=${steps}@sampler=ddim@variance=small`,
  };
}

/** Numbers of DDIM steps by tau; the last is the paper's. */
const chains = [
  { tau: 20, steps: [20, 10, 5] },
  { tau: 100, steps: [100, 20] },
  { tau: 250, steps: [50] },
] as const;

export const table10: EvaluationTable = {
  kind: 'evaluation',
  number: 10,
  title: 'with and without DDIM',
  claim: 'subsampling the last tau steps by DDIM loses nothing on top of the accelerated start.',
  notes: [
    'Chains are compared at equal noise: DDIM keeps the noise of the state at the level of the forward process, and so does the posterior’s own variance (small), with which all chains here start and the ancestral ones go on. The variance large, which the paper uses, holds more noise at every t, so that a difference could come of that alone; it stands beside them for tau 20.',
    TO_250_NOTE,
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['benchmark'],
      metrics: enlargementMetrics,
      rows: [
        {
          name: 'tau 20 by 20 steps of variance large',
          method: `${TO_250}@tau=20@steps=20@sampler=ancestral@variance=large`,
        },
        ...chains.flatMap(({ tau, steps }) => [
          everyStep(tau),
          ...steps.map((count) => byDdim(tau, count)),
        ]),
      ],
      comparisons: chains.flatMap(({ tau, steps }) =>
        steps.map((count) => losesNothing(byDdim(tau, count).name, everyStep(tau).name)),
      ),
    },
  ],
};
