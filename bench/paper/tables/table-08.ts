import type { Comparison, EvaluationTable, Row } from '../table.js';
import {
  enlargementMetrics,
  fidelity,
  imageMetrics,
  perception,
  TO_250,
  TO_250_NOTE,
  UNSEEN,
} from './shared.js';

/** The pack sr4 with modules that were trained for every t. */
const CHAIN = 'pack:sr4@denoiser={denoiser-chain}@fusion={fusion-chain}@beyond-training=true';

const metrics = [...fidelity, ...perception];

function losesNothing(row: string, against: string, says: string): Comparison {
  return { says, row, against, metrics, expected: { within: UNSEEN } };
}

const NOISED = 'the accelerated start loses nothing against the noised one';
const FULL = 'the accelerated start loses nothing against the full chain';

/** Both starts of one chain, which differ in nothing else. */
function starts(name: string, method: string): Row[] {
  return (['accelerated', 'noised'] as const).map((start) => ({
    name: `${name} ${start}`,
    method: `${method}@start=${start}`,
  }));
}

/** Better than noising the restored image, or at least no worse. */
function againstNoised(name: string): Comparison[] {
  const [row, against] = [`${name} accelerated`, `${name} noised`];
  return [
    {
      says: 'the accelerated start is better than the noised one',
      row,
      against,
      metrics,
      expected: 'better',
    },
    losesNothing(row, against, NOISED),
  ];
}

const SKIPPED = [20, 100, 250] as const;
/** Of DDIM in the chains for every t. */
const STRIDE = 10;

const byDdim = (tau: number): string => `every t: tau ${tau} by each ${STRIDE}th step`;
const byAll = (tau: number): string => `every t: tau ${tau} by each step`;
const FULL_DDIM = `every t: full chain by each ${STRIDE}th step`;
const FULL_CHAIN = 'every t: full chain by each step';

export const table08: EvaluationTable = {
  kind: 'evaluation',
  number: 8,
  title: 'how the chain starts',
  claim:
    'skipping to tau by one draw around the restored image loses nothing against the full chain, and is better than noising that image (CCDF, SDEdit).',
  notes: [
    'Computed beforehand: the two starts differ in standard deviation by less than 0.2 % at tau 250, and by 9 % at tau 5. Chains that are compared with the full chain have its modules, its sampler and its steps below tau: what differs is what comes before tau.',
    TO_250_NOTE,
    'The full chain of 1000 steps needs modules that were trained up to t = 1000, which other rows do not have.',
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['benchmark'],
      metrics: enlargementMetrics,
      rows: [
        ...[5, 20, 100, 250].flatMap((tau) =>
          starts(`tau ${tau}`, `${TO_250}@tau=${tau}@steps=${Math.min(tau, 10)}@sampler=ddim`),
        ),
        ...SKIPPED.map((tau) => ({
          name: byDdim(tau),
          method: `${CHAIN}@tau=${tau}@steps=${tau / STRIDE}@sampler=ddim`,
        })),
        ...SKIPPED.map((tau) => ({
          name: byAll(tau),
          method: `${CHAIN}@tau=${tau}@steps=${tau}@sampler=ancestral`,
        })),
        {
          name: FULL_DDIM,
          method: `${CHAIN}@start=full@steps=${1000 / STRIDE}@sampler=ddim`,
        },
        { name: FULL_CHAIN, method: `${CHAIN}@start=full@steps=1000@sampler=ancestral` },
      ],
      comparisons: [
        ...[5, 20, 100, 250].flatMap((tau) => againstNoised(`tau ${tau}`)),
        ...SKIPPED.map((tau) => losesNothing(byDdim(tau), FULL_DDIM, FULL)),
        ...SKIPPED.map((tau) => losesNothing(byAll(tau), FULL_CHAIN, FULL)),
      ],
    },
    {
      task: 'burst',
      datasets: ['benchmark-bursts'],
      metrics: imageMetrics,
      rows: starts('tau 5', 'pack:burst@tau=5@steps=5'),
      comparisons: againstNoised('tau 5'),
    },
  ],
};
