import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPack } from '../../../src/models/packs.js';
import { packCost } from '../../../src/restoration/cost/pack-cost.js';
import type { Places } from '../places.js';
import type { Counted, CountedRow, CountTable } from '../table.js';
import { MIRNET_S, papersTasks } from './paper-modules.js';
import { parametersOf } from './parameters.js';
import { costCommand, whole } from './texts.js';

const COLUMNS = ['task', 'fusion network', 'denoiser', 'restoration network', 'data'];

export const table07: CountTable = {
  kind: 'count',
  number: 7,
  title: 'training data and parameters',
  claim:
    'per task only the fusion network is trained, 0.73 M parameters; the denoiser is trained once for every task, and the restoration networks are there already.',
  notes: [
    'Our packs: counted from the shipped modules, which were trained on the photographs of their model cards, all three of a pack on the same. The paper’s modules: parameters counted from our graphs of its networks, data as it states them.',
  ],
  count,
};

async function count({ data }: Places): Promise<Counted> {
  const photographs = await photographsIn(join(data, 'train/photos'));
  const packs = await Promise.all(
    ['sr4', 'deblur', 'burst'].map(async (name) => {
      const pack = await loadPack(name);
      const denoiser = pack.manifest.modules.denoiser.sha256;
      return { name, denoiser, parameters: packCost(pack).parameters };
    }),
  );
  const ours = packs.map(({ name, parameters: { fusion, denoiser, restorer } }) => ({
    cells: [`pack ${name}`, ...[fusion, denoiser, restorer].map(whole), photographs],
    command: `dp-ir cost ${name}`,
  }));
  const shares = packs.map(({ name, parameters: { fusion, total } }) => {
    return `${((100 * fusion) / total).toFixed(0)} % of ${name}`;
  });
  const denoisers = new Set(packs.map(({ denoiser }) => denoiser)).size;
  const sharing = denoisers === 1 ? 'share one denoiser' : `have ${denoisers} denoisers`;
  return {
    tables: [
      { title: 'Our packs', columns: COLUMNS, rows: ours },
      { title: 'The paper’s modules', columns: COLUMNS, rows: papers() },
    ],
    finding: `the fusion network has ${shares.join(', ')}; these packs ${sharing}, and their restoration networks were trained for them`,
  };
}

function papers(): CountedRow[] {
  const common = [parametersOf('fusion'), parametersOf('mirnet', MIRNET_S)];
  return papersTasks.map(({ task, network, config, data }) => ({
    cells: [task, ...[...common, parametersOf(network, config)].map(whole), data],
    command: [
      ...[costCommand('fusion', {}), costCommand('mirnet', MIRNET_S)],
      costCommand(network, config),
    ].join(' && '),
  }));
}

async function photographsIn(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const count = names.filter((name) => /\.(jpe?g|png)$/i.test(name)).length;
  return count === 0 ? 'photographs of the model card' : `${count} photographs`;
}
