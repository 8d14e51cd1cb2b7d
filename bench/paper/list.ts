import { type DatasetName, datasetState, makingCommand } from './datasets.js';
import { lackOfRow } from './measure-table.js';
import { moduleState, stateText } from './module-state.js';
import { trainedModules, trainingCommand } from './modules.js';
import type { Places } from './places.js';
import { modulesIn, type PaperTable } from './table.js';

/** What each table needs and whether it is there, as text. */
export async function listTables(
  tables: readonly PaperTable[],
  places: Places,
  steps: number,
): Promise<string> {
  const lines: string[] = [];
  for (const table of tables) {
    lines.push(`table ${table.number}: ${table.title}`);
    if (table.kind === 'count') {
      lines.push('  nothing but the package');
      continue;
    }
    for (const { rows, datasets } of table.experiments) {
      for (const name of datasets) lines.push(`  data ${name}: ${await dataText(name, places)}`);
      for (const row of rows) {
        const lack = await lackOfRow(row, places);
        lines.push(`  row ${row.name}: ${lack === undefined ? 'can be measured' : lack}`);
      }
    }
  }
  lines.push('', 'modules');
  for (const module of trainedModules) {
    const state = await moduleState(module.name, places);
    lines.push(`  ${module.name}, ${module.title}: ${stateText(state)}`);
    if (state.kind === 'missing') lines.push(`    ${trainingCommand(module, places, steps)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Names of modules that a table's rows have, each once. */
export function modulesOf(table: PaperTable): string[] {
  if (table.kind === 'count') return [];
  const rows = table.experiments.flatMap((experiment) => experiment.rows);
  return [...new Set(rows.flatMap(({ method }) => modulesIn(method)))];
}

async function dataText(name: DatasetName, places: Places): Promise<string> {
  const state = await datasetState(name, places);
  return state === 'to make' ? `to make by ${makingCommand(name, places)}` : state;
}
