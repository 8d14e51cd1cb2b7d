import { Progress } from '../../src/cli/progress.js';
import type { Engine } from '../../src/engine/engine.js';
import { shellLine } from '../../src/files/quoting.js';
import { describeMachine } from '../machine.js';
import { makingCommand } from './datasets.js';
import type { Section } from './document.js';
import { modulesOf } from './list.js';
import { makeDataset } from './make.js';
import { type MeasuredExperiment, measureExperiment } from './measure-table.js';
import { moduleState, stateText } from './module-state.js';
import { shippedModules, trainedModule, trainingCommand } from './modules.js';
import type { PaperOptions } from './options.js';
import { type Places, withoutPlaces } from './places.js';
import { type SectionFacts, sectionOf } from './section.js';
import type { EvaluationTable, PaperTable } from './table.js';

/**
 * The section of a table, measured here and now. Test sets that can be made are made first.
 * @throws what `evaluate` throws.
 */
export async function tableSection(
  table: PaperTable,
  options: PaperOptions,
  engine: Engine,
  signal: AbortSignal,
): Promise<Section> {
  const { places } = options;
  const written = sectionOf({
    table,
    measured: table.kind === 'count' ? [] : await measured(table, options, engine, signal),
    ...(table.kind === 'count' && { counted: await table.count(places) }),
    modules: table.kind === 'count' ? [] : await trainedFor(table, places),
    made: table.kind === 'count' ? [] : madeFor(table, places),
    origin: `\`${commandOf(table, options)}\` on ${today()}: ${machine()}.`,
  });
  return { ...written, text: withoutPlaces(written.text, places) };
}

async function measured(
  { number, experiments }: EvaluationTable,
  { places, threads, limit, without, outputs }: PaperOptions,
  engine: Engine,
  signal: AbortSignal,
): Promise<MeasuredExperiment[]> {
  const results: MeasuredExperiment[] = [];
  for (const experiment of experiments) {
    for (const name of experiment.datasets) await makeDataset(name, places, signal);
    const rows = [...experiment.rows, ...(outputs.get(number) ?? [])];
    const progress = new Progress({ stream: process.stderr, label: `table ${number}`, total: 1 });
    const result = await measureExperiment(
      { ...experiment, rows },
      {
        ...{ places, engine, threads, limit, without, signal },
        onProgress: ({ done, total, note }) => progress.update(done / total, note),
      },
    );
    progress.clear();
    results.push(result);
  }
  return results;
}

async function trainedFor(table: PaperTable, places: Places): Promise<SectionFacts['modules']> {
  const modules: SectionFacts['modules'][number][] = [];
  for (const name of modulesOf(table)) {
    if (shippedModules[name] !== undefined) continue;
    const state = await moduleState(name, places);
    if (state.kind !== 'trained') continue;
    const module = trainedModule(name);
    const text = `${name}, ${module.title}, ${stateText(state)}`;
    modules.push({ text, command: trainingCommand(module, places, state.steps) });
  }
  return modules;
}

function madeFor({ experiments }: EvaluationTable, places: Places): string[] {
  const names = new Set(experiments.flatMap(({ datasets }) => datasets));
  return [...names].flatMap((name) => makingCommand(name, places) ?? []);
}

/** What measures a table again. */
function commandOf({ number }: PaperTable, { limit, without }: PaperOptions): string {
  const words = ['npm', 'run', 'paper', '--', String(number)];
  if (limit !== undefined) words.push('--limit', String(limit));
  for (const text of without) words.push('--without', text);
  return shellLine([...words, '--output', 'docs/results.md']);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function machine(): string {
  const { processor, cores, gibibytes, node } = describeMachine();
  return `${processor}, ${cores} cores, ${gibibytes} GiB, Node ${node}`;
}
