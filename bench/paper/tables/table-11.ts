import { loadPack } from '../../../src/models/packs.js';
import { packCost } from '../../../src/restoration/cost/pack-cost.js';
import { ParameterError } from '../../../src/utils/errors.js';
import { type CatalogueEntry, findEntry } from '../../../src/weights/catalogue/catalogue.js';
import type { CountedRow, CountTable } from '../table.js';
import { papersOthers, papersTasks } from './paper-modules.js';
import { parametersOf } from './parameters.js';
import { costCommand, whole } from './texts.js';

const COLUMNS = ['restoration network', 'architecture', 'parameters', 'source', 'licence'];

export const table11: CountTable = {
  kind: 'count',
  number: 11,
  title: 'restoration networks',
  claim: 'the restoration networks are published ones, taken as they are.',
  notes: ['Parameters are counted from our graphs of the architectures.'],
  count: async () => {
    const published = [...papersTasks, ...papersOthers].map(publishedRow);
    const ours = await packRows();
    return {
      tables: [
        { title: 'Published, used by the paper', columns: COLUMNS, rows: published },
        { title: 'Of our packs', columns: COLUMNS, rows: ours },
      ],
      finding:
        'all of them are architectures of this package; those of our packs are compact ones of our own, not published ones',
    };
  },
};

function publishedRow({
  network,
  config,
  entry,
}: {
  readonly network: string;
  readonly config: object;
  readonly entry: string;
}): CountedRow {
  const { title, page, licence } = entryOf(entry);
  const parameters = whole(parametersOf(network, config));
  return {
    cells: [title, network, parameters, `<${page}>`, licence],
    command: costCommand(network, config),
  };
}

function entryOf(name: string): CatalogueEntry {
  const entry = findEntry(name);
  if (entry === undefined) throw new ParameterError('network', 'one of the catalogue', name);
  return entry;
}

async function packRows(): Promise<CountedRow[]> {
  const rows: CountedRow[] = [];
  for (const name of ['sr4', 'deblur', 'burst']) {
    const { parameters, parts } = packCost(await loadPack(name));
    const { network } = parts.find(({ part }) => part === 'restorer')!;
    const cells = [`pack ${name}`, network, whole(parameters.restorer), `models/${name}`, 'MIT'];
    rows.push({ cells, command: `dp-ir cost ${name}` });
  }
  return rows;
}
