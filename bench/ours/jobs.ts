import type { CompiledGraph, GraphRunner } from '../../src/engine/contract.js';
import { createLocalRunner, type JobContext } from '../../src/engine/index.js';
import { adamFactors, stateName } from '../../src/graph/index.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { channelBlock } from '../../src/training/channel-block.js';
import { followingState, freshState, type TrainingState } from '../../src/training/state.js';
import type { BenchCase } from '../cases.js';
import type { Clock } from '../options.js';
import { type BuiltCase, buildCase } from './build.js';

/** What an engine process keeps between the jobs of one case. */
interface Prepared {
  readonly bench: BenchCase;
  readonly built: BuiltCase;
  readonly runner: GraphRunner;
  readonly compiled: CompiledGraph;
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
  const runner = await createLocalRunner({ threads, busyWait });
  const built = buildCase(bench, await channelBlock(runner));
  const compiled = await runner.compile(bench.name, () => built.onnx);
  current = { bench, built, runner, compiled };
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
  if (prepared().built.training === undefined) return { output: first.outputs.output! };
  const losses = [first, await step(), await step()].map(({ outputs }) => outputs.loss!.data[0]!);
  const moments = [...prepared().built.weights.keys()].map((name): [string, Tensor] => [
    name,
    first.state.get(stateName('first', name))!,
  ]);
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
  readonly outputs: Record<string, Tensor>;
  readonly state: TrainingState;
}

/** A function that runs the case once; a training goes on from the step before. */
function stepper({ bench, built, compiled }: Prepared): () => Promise<StepResult> {
  const { training, inputs, weights } = built;
  const run = async (feeds: Readonly<Record<string, Tensor>>) =>
    (await compiled.run(feeds)) as Record<string, Tensor>;
  if (training === undefined) return async () => ({ outputs: await run(inputs), state: new Map() });
  let state = freshStateOf(weights);
  let number = 0;
  return async () => {
    number += 1;
    const { stepSize, secondCorrection } = adamFactors(number, bench.rate);
    const outputs = await run({
      ...inputs,
      ...Object.fromEntries(state),
      stepSize: tensor([], [stepSize]),
      secondCorrection: tensor([], [secondCorrection]),
    });
    state = followingState(training, outputs, state);
    return { outputs, state };
  };
}

function freshStateOf(weights: ReadonlyMap<string, Tensor>): TrainingState {
  const averages = new Set([...weights.keys()].map((name) => stateName('average', name)));
  return new Map([...freshState(weights)].filter(([name]) => !averages.has(name)));
}
