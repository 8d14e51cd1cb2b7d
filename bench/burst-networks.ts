import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createLocalRunner } from '../src/engine/local-runner.js';
import type { GraphRunner } from '../src/graph/graph-runner.js';
import {
  abs,
  adamFactors,
  add,
  buildTrainingStep,
  cost,
  input,
  lowerToOnnx,
  mul,
  nextStateName,
  ParameterScope,
  reduceMean,
  STATE_PARTS,
  scalar,
  stateName,
  sub,
  type Value,
} from '../src/graph/index.js';
import { type ImageNetwork, parseConfiguration } from '../src/networks/network.js';
import { findImageNetwork } from '../src/networks/registry.js';
import { requireBurstRestorer } from '../src/networks/roles.js';
import { uniformAt } from '../src/tensor/random.js';
import { type Tensor, tensor } from '../src/tensor/tensor.js';
import { initialWeights } from '../src/training/initial-weights.js';
import { channelBlock } from '../src/training/step/compile-step.js';
import { measuredOn } from './machine.js';

/**
 * Burst networks against each other: processor time of a training step and of a restoration on one
 * thread, so that other work on the machine matters little.
 *
 *   npx tsx bench/burst-networks.ts -o docs/bench-burst.md
 */
const { values } = parseArgs({
  options: {
    output: { type: 'string', short: 'o' },
    repetitions: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});

const FRAMES = 14;
const TRAINED_SIDE = 24;
const RESTORED_SIDE = 48;
const FLOW_WEIGHT = 0.05;

const candidates: readonly (readonly [title: string, network: string, config: object])[] = [
  ['compact-burst', 'compact-burst', {}],
  ['BSRT-Small', 'bsrt', { model_level: 'S', burst_size: FRAMES }],
];

interface Row {
  readonly title: string;
  readonly parameters: number;
  /** Multiply-adds of a restoration. */
  readonly macs: number;
  /** Milliseconds of the processor. */
  readonly restoring: number;
  readonly training: number;
  /** Bytes that the training step's results take at once. */
  readonly memory: number;
}

const runner = await createLocalRunner({ threads: 1, keepMemory: true });
try {
  const rows: Row[] = [];
  for (const [title, name, stated] of candidates) {
    if (!title.includes(values.only)) continue;
    const network = findImageNetwork(name)!;
    rows.push(await measure(runner, title, network, parseConfiguration(network, stated)));
    console.log(line(rows.at(-1)!));
  }
  if (values.output !== undefined) await writeFile(values.output, document(rows));
} finally {
  await runner.dispose();
}

async function measure(
  runner: GraphRunner,
  title: string,
  network: ImageNetwork,
  config: unknown,
): Promise<Row> {
  const restoration = await restore(runner, title, network, config);
  return { title, ...restoration, ...(await train(runner, title, network, config)) };
}

async function restore(runner: GraphRunner, title: string, network: ImageNetwork, config: unknown) {
  const scope = new ParameterScope();
  const burst = input('burst', [1, FRAMES, 4, RESTORED_SIDE, RESTORED_SIDE]);
  const output = network.build(config, scope, [burst]);
  const weights = initialWeights(scope.declared(), 1);
  const model = lowerToOnnx({ outputs: { output }, weights });
  const compiled = await runner.compile(`restore ${title}`, () => model.bytes);
  const feeds = { burst: noise(burst.shape) };
  const restoring = await processorTime(() => compiled.run(feeds));
  return { ...cost([output]), restoring };
}

async function train(runner: GraphRunner, title: string, network: ImageNetwork, config: unknown) {
  const scope = new ParameterScope();
  const burst = input('burst', [1, FRAMES, 4, TRAINED_SIDE, TRAINED_SIDE]);
  const built = requireBurstRestorer(network).buildWithFlow?.(config, scope, [burst]);
  const output = built?.output ?? network.build(config, scope, [burst]);
  const target = input('target', output.shape);
  let loss = mean(abs(sub(output, target)));
  const feeds: Record<string, Tensor> = {
    burst: noise(burst.shape),
    target: noise(target.shape),
  };
  if (built !== undefined) {
    const flow = input('flow', built.flows.shape);
    loss = add(loss, mul(mean(abs(sub(built.flows, flow))), scalar(FLOW_WEIGHT)));
    feeds.flow = noise(flow.shape);
  }
  const step = buildTrainingStep({
    loss,
    trained: scope.declared(),
    channelBlock: await channelBlock(runner),
  });
  const compiled = await runner.compile(`train ${title}`, () => step.model.bytes);
  const state = new Map<string, Tensor>();
  for (const [name, start] of initialWeights(scope.declared(), 1))
    for (const part of STATE_PARTS)
      if (step.parts.includes(part))
        state.set(stateName(part, name), part === 'parameter' ? start : tensor(start.shape));
  let number = 0;
  const training = await processorTime(async () => {
    number += 1;
    const { stepSize, secondCorrection } = adamFactors(number, 1e-4);
    const factors = {
      stepSize: tensor([], [stepSize]),
      secondCorrection: tensor([], [secondCorrection]),
    };
    const outputs = await compiled.run({ ...feeds, ...Object.fromEntries(state), ...factors });
    for (const name of step.parameters)
      for (const part of step.parts)
        state.set(stateName(part, name), outputs[nextStateName(part, name)] as Tensor);
  });
  return { training, memory: step.memory.peak };
}

function mean(value: Value): Value {
  return reduceMean(
    value,
    value.shape.map((_, axis) => axis),
    false,
  );
}

function noise(shape: readonly number[]): Tensor {
  const result = tensor(shape);
  for (let at = 0; at < result.data.length; at += 1) result.data[at] = uniformAt(5, 0, at);
  return result;
}

/** The least milliseconds of the processor over some repetitions, after one that does not count. */
async function processorTime(work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  await work();
  for (let repetition = 0; repetition < Number(values.repetitions); repetition += 1) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

function line({ title, parameters, macs, restoring, training, memory }: Row): string {
  const cells = [
    title,
    (parameters / 1e6).toFixed(3),
    (macs / 1e9).toFixed(2),
    restoring.toFixed(0),
    training.toFixed(0),
    (memory / 2 ** 20).toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}

function document(rows: readonly Row[]): string {
  const [compact, bsrt] = rows;
  const ratios =
    compact === undefined || bsrt === undefined
      ? ''
      : `\nA training step of ${bsrt.title} takes ${(bsrt.training / compact.training).toFixed(1)} times that of ${compact.title}, a restoration ${(bsrt.restoring / compact.restoring).toFixed(1)} times, ${(bsrt.memory / compact.memory).toFixed(1)} times the memory in training.\n`;
  return `# Burst networks

Processor time on one thread: the least of ${values.repetitions} runs after a first one. Restored are ${FRAMES} frames of ${2 * RESTORED_SIDE}x${2 * RESTORED_SIDE} mosaics to ${8 * RESTORED_SIDE}x${8 * RESTORED_SIDE} pixels; a training step is one such burst of ${2 * TRAINED_SIDE}x${2 * TRAINED_SIDE} mosaics, forward, backward and Adam, for the mean absolute error (with that of the flow, where the network gives one). Multiply-adds are those of convolutions and matrix products; elementwise work and sampling are not counted. Memory is what the results of a training step's operators take at once. Weights are the initial ones, inputs noise.

| network | parameters, M | restoration, GMAC | restoration, ms | training step, ms | training step, MiB |
|---|---:|---:|---:|---:|---:|
${rows.map(line).join('\n')}
${ratios}
${measuredOn()}; \`npx tsx bench/burst-networks.ts -o docs/bench-burst.md\`.
`;
}
