import type { JobContext } from '../../src/engine/job.js';
import { createLocalRunner } from '../../src/engine/local-runner.js';
import type { GraphRunner, SessionWorker } from '../../src/graph/graph-runner.js';
import { stateName } from '../../src/graph/index.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { Updater } from '../../src/training/optimizer/updater.js';
import type { Recipe } from '../../src/training/recipe.js';
import { channelBlock } from '../../src/training/step/compile-step.js';
import { freshState, type TrainingState } from '../../src/training/step/state.js';
import { oneStep, type StepContext } from '../../src/training/step/training-step.js';
import type { BenchCase } from '../cases.js';
import type { Clock } from '../options.js';
import { type BuiltCase, buildCase } from './build.js';

/** What an engine process keeps between the jobs of one case. */
interface Prepared {
  readonly built: BuiltCase;
  readonly runner: GraphRunner;
  /** The graph, or copies of it that a training step runs at the same time. */
  readonly graphs: readonly SessionWorker[];
}

let current: Prepared | undefined;

/** What is known of a prepared case. */
export interface Preparation {
  readonly runtime: string;
  readonly threads: number;
  readonly macs: number;
}

/** Builds and compiles a case in place of the one before, with the settings of shipped jobs. */
export async function prepare(
  _context: JobContext,
  { bench, threads, busyWait }: { bench: BenchCase; threads: number; busyWait: boolean },
): Promise<Preparation> {
  await current?.runner.dispose();
  current = undefined;
  const runner = await createLocalRunner({
    threads,
    busyWait,
    planMemory: bench.kind !== 'training',
  });
  const built = buildCase(bench, await channelBlock(runner));
  const { accumulate = 1 } = built.training?.recipe ?? {};
  const graphs =
    accumulate === 1
      ? [await runner.compile(bench.name, () => built.onnx)]
      : await runner.compileWorkers!(bench.name, built.onnx, accumulate);
  current = { built, runner, graphs };
  const { runtime, threads: used } = runner.device;
  return { runtime, threads: used, macs: built.macs };
}

/** Milliseconds of each of some repetitions. */
export async function measure(
  _context: JobContext,
  { repetitions, clock }: { repetitions: number; clock: Clock },
): Promise<number[]> {
  const step = stepper(prepared());
  const times: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const start = now(clock);
    await step();
    times.push(now(clock) - start);
  }
  return times;
}

/** Of a network its output; of a training the losses of three steps and the first moments. */
export async function outcome(
  _context: JobContext,
  _payload: null,
): Promise<Record<string, Tensor>> {
  const step = stepper(prepared());
  const first = await step();
  if (first.state === undefined) return { output: first.output };
  // The next step may use its arrays.
  const moments = [...prepared().built.weights.keys()].map((name): [string, Tensor] => {
    const { shape, data } = first.state!.get(stateName('first', name))!;
    return [name, tensor(shape, data.slice())];
  });
  const losses = [first, await step(), await step()].map(({ output }) => output.data[0]!);
  return { losses: tensor([3], losses), ...Object.fromEntries(moments) };
}

/** Milliseconds on a clock. */
function now(clock: Clock): number {
  if (clock === 'wall') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function prepared(): Prepared {
  if (current === undefined) throw new Error('no case is prepared');
  return current;
}

interface StepResult {
  /** Of a network its output, of a training the loss. */
  readonly output: Tensor;
  readonly state?: TrainingState;
}

/** A function that runs the case once; a training goes on from the step before. */
function stepper({ built, graphs }: Prepared): () => Promise<StepResult> {
  const { training, inputs, weights } = built;
  if (training === undefined)
    return async () => ({ output: (await graphs[0]!.run(inputs)).output as Tensor });
  const { recipe, step } = training;
  const context = {
    recipe,
    definition: {
      batch: async (_: unknown, __: number, part: number) => partOf(inputs, part, recipe),
    },
    step,
    ...(recipe.accumulate === 1
      ? { compiled: graphs[0] }
      : { copies: graphs, updater: new Updater(step.parameters, graphs) }),
  } as unknown as StepContext;
  let state = freshStateOf(weights);
  let number = 0;
  return async () => {
    number += 1;
    const outcome = await oneStep(number, state, context);
    state = outcome.state;
    return { output: tensor([1], [outcome.loss]), state };
  };
}

/** The inputs of a part of the batch, without copying. */
function partOf(
  inputs: Readonly<Record<string, Tensor>>,
  part: number,
  { accumulate }: Recipe,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => {
      const size = data.length / accumulate;
      const [batch, ...rest] = shape;
      return [
        name,
        tensor([batch! / accumulate, ...rest], data.subarray(part * size, (part + 1) * size)),
      ];
    }),
  );
}

function freshStateOf(weights: ReadonlyMap<string, Tensor>): TrainingState {
  const averages = new Set([...weights.keys()].map((name) => stateName('average', name)));
  return new Map([...freshState(weights)].filter(([name]) => !averages.has(name)));
}
