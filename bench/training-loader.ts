import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CompiledGraph, GraphRunner } from '../src/engine/contract.js';
import { createLocalRunner } from '../src/engine/local-runner.js';
import { CancelledError } from '../src/tensor/errors.js';
import { parseRecipe } from '../src/training/recipe.js';
import { train } from '../src/training/trainer.js';
import { describeMachine } from './machine.js';

/**
 * The share of a step's time in which no training graph runs: waiting for batches, sums of
 * gradients, the update of the weights and everything else, with and without a thread that makes
 * batches; for the first steps, when photographs are still decoded, and for later ones.
 *
 *   npx tsx bench/training-loader.ts --recipe FILE [--steps 60] [--threads 2] [--workers 0,1]
 */
const { values } = parseArgs({
  options: {
    recipe: { type: 'string' },
    steps: { type: 'string', default: '60' },
    threads: { type: 'string', default: '2' },
    workers: { type: 'string', default: '0,1,0,1' },
  },
});
const recipe = parseRecipe(JSON.parse(await readFile(values.recipe!, 'utf8')));
const steps = Number(values.steps);
const folder = await mkdtemp(join(tmpdir(), 'dp-ir-loader-'));

console.log(JSON.stringify(describeMachine()));
console.log('| threads for batches | steps | ms per step | waiting for batches | no graph runs |');
console.log('|---:|---|---:|---:|---:|');
try {
  for (const workers of values.workers.split(',').map(Number)) await measure(workers);
} finally {
  await rm(folder, { recursive: true });
}

async function measure(workers: number): Promise<void> {
  const stop = new AbortController();
  const runner = await createLocalRunner({
    threads: Number(values.threads),
    planMemory: false,
    signal: stop.signal,
  });
  let inGraph = 0;
  let running = 0;
  let began = 0;
  const timed = <Graph extends CompiledGraph>(graph: Graph): Graph => ({
    ...graph,
    run: async (feeds) => {
      if (running === 0) began = performance.now();
      running += 1;
      const outputs = await graph.run(feeds);
      running -= 1;
      if (running === 0) inGraph += performance.now() - began;
      return outputs;
    },
  });
  const timedRunner: GraphRunner = {
    device: runner.device,
    checkpoint: () => runner.checkpoint(),
    dispose: () => runner.dispose(),
    compile: async (key, build) => timed(await runner.compile(key, build)),
    compileLanes: async (...lanes) =>
      (await runner.compileLanes!(...lanes)).map((lane) => timed(lane)),
  };
  const half = steps / 2;
  let since = { time: 0, inGraph: 0 };
  const output = join(folder, `run-${workers}-${process.hrtime.bigint()}`);
  const job = { recipe, output, workers, logEvery: half, saveEvery: 1e6 };
  let waiting = 0;
  try {
    await train(job, timedRunner, {
      onProgress: ({ batchShare }) => {
        waiting = batchShare;
      },
      onStep: (step) => {
        const now = { time: performance.now(), inGraph };
        if (step > 0 && step % half === 1) {
          if (step > half) {
            const time = now.time - since.time;
            const rest = 1 - (now.inGraph - since.inGraph) / time;
            const share = (value: number) => `${(100 * value).toFixed(1)} %`;
            const cells = [workers, `${step - half} to ${step - 1}`, Math.round(time / half)];
            console.log(`| ${[...cells, share(waiting), share(rest)].join(' | ')} |`);
          }
          since = now;
        }
        if (step > 2 * half) stop.abort();
      },
    });
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  } finally {
    await runner.dispose();
  }
}
