import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPack } from '../../../src/app/load-pack.js';
import { packCost } from '../../../src/evaluation/cost/pack-cost.js';
import type { Places } from '../places.js';
import type { CountedTable, CountTable } from '../table.js';
import { parametersOf } from './parameters.js';
import { whole } from './texts.js';

export const table07: CountTable = {
  kind: 'count',
  number: 7,
  title: 'training data and parameters',
  claim:
    'per task only the fusion network is trained, 0.73 M parameters, on the data that is usual for the task; denoiser and restoration network stay as they are.',
  notes: [
    'The data of our packs is that of their model cards; the data of the paper is what it states, its parameters are counted from our graphs of its networks.',
  ],
  count: async (places) => [await ours(places), papers()],
};

async function ours({ data }: Places): Promise<CountedTable> {
  const photographs = await readdir(join(data, 'train/photos')).then(
    (names) => `${names.length} photographs`,
    () => 'photographs of the model card',
  );
  const rows = [];
  for (const name of ['sr4', 'burst']) {
    const { parameters } = packCost(await loadPack(name));
    const counted = [parameters.fusion, parameters.denoiser, parameters.restorer].map(whole);
    rows.push({
      cells: [name, ...counted, photographs],
      command: `dp-ir cost ${name}`,
    });
  }
  return { title: 'Our packs', columns: [...COLUMNS], rows };
}

const COLUMNS = ['pack', 'fusion (trained per task)', 'denoiser', 'restoration network', 'data'];

/** What the paper joins, and what it states that each was trained on. */
const joined = [
  ['bursts', 'bsrt', '46 k synthetic bursts of 14 frames'],
  ['deblurring', 'fftformer', 'GoPro, 2103 pairs'],
  ['super-resolution by 4', 'swinir', 'DIV2K, 800 pictures'],
] as const;

function papers(): CountedTable {
  const fusion = parametersOf('fusion');
  const denoiser = parametersOf('mirnet', { in_channels: 4, n_MSRB: 1 });
  const rows = joined.map(([task, network, data]) => ({
    cells: [task, whole(fusion), whole(denoiser), whole(parametersOf(network)), data],
  }));
  return { title: 'The paper’s modules', columns: [...COLUMNS], rows };
}
