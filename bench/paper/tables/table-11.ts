import { loadPack } from '../../../src/app/load-pack.js';
import { type CatalogueEntry, findEntry } from '../../../src/checkpoints/catalogue/index.js';
import { packCost } from '../../../src/evaluation/cost/pack-cost.js';
import { ParameterError } from '../../../src/tensor/errors.js';
import type { CountedRow, CountTable } from '../table.js';
import { parametersOf } from './parameters.js';
import { whole } from './texts.js';

const COLUMNS = ['restoration network', 'architecture', 'parameters', 'source', 'licence'];

export const table11: CountTable = {
  kind: 'count',
  number: 11,
  title: 'restoration networks',
  claim: 'the restoration networks are published ones, taken as they are.',
  notes: ['Parameters are counted from our graphs of the architectures.'],
  count: async () => [
    { title: 'Published, used by the paper', columns: COLUMNS, rows: published.map(publishedRow) },
    { title: 'Of our packs', columns: COLUMNS, rows: await ours() },
  ],
};

/** Names in the catalogue, with configurations that are not the defaults. */
const published: readonly (readonly [name: string, config?: object])[] = [
  ['bsrt-small-synthetic'],
  ['bsrt-large-synthetic', { model_level: 'L' }],
  ['fftformer-gopro'],
  ['swinir-classical-x4'],
  ['rrdb-psnr-x4'],
];

function publishedRow([name, config]: readonly [name: string, config?: object]): CountedRow {
  const { title, network, page, licence } = entryOf(name);
  const cells = [title, network, whole(parametersOf(network, config)), `<${page}>`, licence];
  const words = config === undefined ? '' : ` --config '${JSON.stringify(config)}'`;
  return { cells, command: `dp-ir cost ${network}${words}` };
}

function entryOf(name: string): CatalogueEntry {
  const entry = findEntry(name);
  if (entry === undefined) throw new ParameterError('network', 'one of the catalogue', name);
  return entry;
}

async function ours(): Promise<CountedRow[]> {
  const rows: CountedRow[] = [];
  for (const name of ['sr4', 'burst']) {
    const { parameters, parts } = packCost(await loadPack(name));
    const { network } = parts.find(({ part }) => part === 'restorer')!;
    const source = `models/${name}`;
    rows.push({
      cells: [`pack ${name}`, network, whole(parameters.restorer), source, 'MIT'],
      command: `dp-ir cost ${name}`,
    });
  }
  return rows;
}
