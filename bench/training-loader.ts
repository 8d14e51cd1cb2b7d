import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLocalRunner } from '../src/engine/local-runner.js';
import type { CompiledGraph, GraphRunner, SessionWorker } from '../src/graph/graph-runner.js';
import { sourceFiles } from '../src/training/photographs/photographs.js';
import { parseRecipe, type Recipe } from '../src/training/recipe.js';
import { trainOn } from '../src/training/training-loop.js';
import { CancelledError } from '../src/utils/errors.js';
import { measuredOn } from './machine.js';
import { Stopwatch } from './stopwatch.js';

/**
 * What of a training step's time is neither the graph nor the optimiser: waiting for batches and
 * everything else, for the first steps, when photographs are still decoded, and for later ones.
 *
 *   npx tsx bench/training-loader.ts --data photos -o docs/training-loader.md
 */
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    recipes: { type: 'string', default: 'sr4-restorer,denoiser,sr4-fusion' },
    steps: { type: 'string', default: '200' },
    threads: { type: 'string', default: '2' },
    workers: { type: 'string', default: '1,1' },
    output: { type: 'string', short: 'o' },
  },
});
const root = join(import.meta.dirname, '..');
const half = Number(values.steps) / 2;
const folder = await mkdtemp(join(tmpdir(), 'dp-ir-loader-'));
const lines = [
  '| recipe | threads for batches | steps | ms per step | graphs | sums and update | waiting for batches | all besides graphs and update |',
  '|---|---:|---|---:|---:|---:|---:|---:|',
];
console.log(lines.join('\n'));
try {
  for (const name of values.recipes.split(','))
    for (const workers of values.workers.split(',').map(Number))
      await measure(name, await recipe(name), workers);
  if (values.output !== undefined) await writeFile(values.output, await document());
} finally {
  await rm(folder, { recursive: true });
}

async function recipe(name: string): Promise<Recipe> {
  const path = name.endsWith('.json') ? name : join(root, 'recipes', `${name}.json`);
  const entries = JSON.parse(await readFile(path, 'utf8'));
  const modules = {
    restorer: join(root, 'models/sr4/restorer.safetensors'),
    denoiser: join(root, 'models/denoiser/denoiser.safetensors'),
  };
  return parseRecipe({
    ...entries,
    ...(values.data === undefined ? {} : { data: values.data }),
    ...(entries.kind === 'fusion' ? modules : {}),
  });
}

interface Reading {
  readonly time: number;
  readonly graphs: number;
  readonly update: number;
}

async function measure(name: string, recipe: Recipe, workers: number): Promise<void> {
  const stop = new AbortController();
  const runner = await createLocalRunner({
    threads: Number(values.threads),
    planMemory: false,
    signal: stop.signal,
  });
  const [graphs, update] = [new Stopwatch(), new Stopwatch()];
  const read = (): Reading => ({
    time: performance.now(),
    graphs: graphs.milliseconds,
    update: update.milliseconds,
  });
  let since = read();
  let waiting = 0;
  const output = join(folder, `run-${process.hrtime.bigint()}`);
  const job = { recipe, output, workers, logEvery: half, saveEvery: 1e6 };
  try {
    await trainOn(job, timed(runner, graphs, update), {
      onProgress: ({ batchShare }) => {
        waiting = batchShare;
      },
      onStep: (step) => {
        if (step === 0 || step % half !== 1) return;
        const now = read();
        if (step > half) {
          const steps = `${step - half} to ${step - 1}`;
          const line = `| ${name} | ${workers} | ${steps} | ${cells(since, now, waiting).join(' | ')} |`;
          lines.push(line);
          console.log(line);
        }
        since = now;
        if (step > 2 * half) stop.abort();
      },
    });
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  } finally {
    await runner.dispose();
  }
}

function cells(before: Reading, after: Reading, waiting: number): string[] {
  const time = after.time - before.time;
  const graphs = (after.graphs - before.graphs) / time;
  const update = (after.update - before.update) / time;
  const shares = [graphs, update, waiting, 1 - graphs - update];
  return [
    String(Math.round(time / half)),
    ...shares.map((share) => `${(100 * share).toFixed(1)} %`),
  ];
}

/** The runner with clocks for its graphs and for the services of its workers. */
function timed(runner: GraphRunner, graphs: Stopwatch, update: Stopwatch): GraphRunner {
  const graph = <Graph extends CompiledGraph>(compiled: Graph): Graph => ({
    ...compiled,
    run: (feeds) => graphs.during(() => compiled.run(feeds)),
  });
  const worker = (compiled: SessionWorker): SessionWorker => ({
    ...graph(compiled),
    ...(compiled.open === undefined
      ? {}
      : {
          open: async (...service) => {
            const ask = await compiled.open!(...service);
            return (request) => update.during(() => ask(request));
          },
        }),
  });
  return {
    device: runner.device,
    checkpoint: () => runner.checkpoint(),
    dispose: () => runner.dispose(),
    compile: async (key, build) => graph(await runner.compile(key, build)),
    compileWorkers: async (...workers) => (await runner.compileWorkers!(...workers)).map(worker),
  };
}

async function document(): Promise<string> {
  const first = await recipe(values.recipes.split(',')[0]!);
  const { files } = await sourceFiles(first);
  return `# What a training step waits for

Shares of the time of a step, with the compact recipes of \`recipes/\` on photographs. *Graphs* are forward and backward passes; *sums and update* are the gradients of both halves of a batch added up and Adam with the moving average, which the threads of the graphs do afterwards; *waiting for batches* is how long batches that are made ahead come late, as a run tells it (one half may wait while the other is in its graph); *all besides graphs and update* is when neither runs: both halves wait, checks, messages between threads, garbage. The first steps wait for photographs that are decoded for the first time.

${lines.join('\n')}

${measuredOn()}; \`npx tsx bench/training-loader.ts --data photos -o docs/training-loader.md\`, with ${files.length} photographs.
`;
}
