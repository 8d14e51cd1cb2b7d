import { loadPack } from '../../../src/app/load-pack.js';
import { COST_RULE } from '../../../src/evaluation/cost/graph-cost.js';
import { networkCost } from '../../../src/evaluation/cost/network-cost.js';
import { packCost } from '../../../src/evaluation/cost/pack-cost.js';
import type { CountedTable, CountTable } from '../table.js';
import { plainNetwork } from './parameters.js';
import { teraFlop } from './texts.js';

const COLUMNS = ['modules', 'NFE', 'TFLOP = a + b x evaluations', 'TFLOP in all'];

export const table09: CountTable = {
  kind: 'count',
  number: 9,
  title: 'work at 720p',
  claim:
    'the work for a picture is a + b x NFE, where b is a denoiser and a small fusion network that every task shares; a few evaluations cost less than the chains of other diffusion models.',
  notes: [
    `Evaluations are those of denoiser and fusion network, NFE less one. ${COST_RULE}`,
    'Of our packs, the branch of the fusion network that sees the restored picture is computed once and belongs to a. Of the paper’s modules b is the whole denoiser and fusion network. Results are 1280x720 pixels, and overlapping tiles count as often as they are computed.',
  ],
  count: async () => [await ours(), papers()],
};

async function ours(): Promise<CountedTable> {
  const rows = [];
  for (const name of ['sr4', 'burst']) {
    const { once, perEvaluation, nfe, macs } = packCost(await loadPack(name));
    rows.push({
      cells: [`pack ${name}`, String(nfe), linear(once, perEvaluation), teraFlop(macs)],
      command: `dp-ir cost ${name}`,
    });
  }
  return { title: 'Our packs', columns: COLUMNS, rows };
}

/** What the paper joins for each task, and its number of evaluations. */
const joined = [
  ['BSRT-Small, 14 frames', 'bsrt', 6],
  ['FFTformer', 'fftformer', 6],
  ['SwinIR', 'swinir', 51],
] as const;

function papers(): CountedTable {
  const size = { width: 1280, height: 720 };
  const of = (name: string, config?: object): number =>
    networkCost(plainNetwork(name, config), size).macs;
  const perEvaluation = of('mirnet', { in_channels: 4, n_MSRB: 1 }) + of('fusion');
  const rows = joined.map(([title, network, nfe]) => {
    const once = networkCost(plainNetwork(network)).macs;
    const macs = once + (nfe - 1) * perEvaluation;
    return {
      cells: [`${title}, MIRNet-S`, String(nfe), linear(once, perEvaluation), teraFlop(macs)],
    };
  });
  return { title: 'The paper’s modules', columns: COLUMNS, rows };
}

function linear(once: number, perEvaluation: number): string {
  return `${teraFlop(once)} + ${teraFlop(perEvaluation)} x evaluations`;
}
