import { loadPack } from '../../../src/models/packs.js';
import { COST_RULE, networkCost } from '../../../src/restoration/cost/network-cost.js';
import { packCost } from '../../../src/restoration/cost/pack-cost.js';
import type { Counted, CountTable } from '../table.js';
import { MIRNET_S, papersTasks } from './paper-modules.js';
import { plainNetwork } from './parameters.js';
import { costCommand, teraFlop } from './texts.js';

const COLUMNS = ['modules', 'NFE', 'TFLOP = a + b x evaluations', 'TFLOP in all'];
const SIZE = { width: 1280, height: 720 };

export const table09: CountTable = {
  kind: 'count',
  number: 9,
  title: 'work at 720p',
  claim:
    'the work for an image is a + b x NFE: the restoration network once, and at each evaluation a denoiser and a fusion network that are the same for every task.',
  notes: [
    `Evaluations are those of denoiser and fusion network, NFE less one. ${COST_RULE}.`,
    'Of our packs, the branch of the fusion network that sees the restored image is computed once and belongs to a. Of the paper’s modules b is the whole denoiser and fusion network. Results have 1280x720 pixels; what tiles overlap counts as often as it is computed.',
  ],
  count,
};

/** What is computed once, and at each evaluation, in multiply-adds. */
interface Work {
  readonly name: string;
  readonly once: number;
  readonly perEvaluation: number;
  readonly nfe: number;
  readonly command: string;
}

async function count(): Promise<Counted> {
  const ours: Work[] = [];
  for (const name of ['sr4', 'deblur', 'burst']) {
    const { once, perEvaluation, nfe } = packCost(await loadPack(name));
    ours.push({ name: `pack ${name}`, once, perEvaluation, nfe, command: `dp-ir cost ${name}` });
  }
  const papers = papersWork();
  const shares = [...ours, ...papers].map(
    ({ name, once, perEvaluation }) => `${(perEvaluation / once).toFixed(1)} for ${name}`,
  );
  return {
    tables: [
      { title: 'Our packs', columns: COLUMNS, rows: ours.map(rowOf) },
      { title: 'The paper’s modules', columns: COLUMNS, rows: papers.map(rowOf) },
    ],
    finding: `linear by construction; b over a is ${shares.join('; ')}`,
  };
}

function papersWork(): Work[] {
  const denoiser = networkCost(plainNetwork('mirnet', MIRNET_S), SIZE).macs;
  const fusion = networkCost(plainNetwork('fusion'), SIZE).macs;
  return papersTasks.map(({ title, network, config, nfe }) => ({
    name: `${title} with MIRNet-S`,
    once: networkCost(plainNetwork(network, config)).macs,
    perEvaluation: denoiser + fusion,
    nfe,
    command: [
      ...[costCommand(network, config), costCommand('mirnet', MIRNET_S, '1280x720')],
      costCommand('fusion', {}, '1280x720'),
    ].join(' && '),
  }));
}

function rowOf({ name, once, perEvaluation, nfe, command }: Work) {
  const linear = `${teraFlop(once)} + ${teraFlop(perEvaluation)} x evaluations`;
  const all = teraFlop(once + perEvaluation * (nfe - 1));
  return { cells: [name, String(nfe), linear, all], command };
}
