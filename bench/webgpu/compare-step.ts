import { madeUpParameter, nameHash, uniform } from '../../src/conformance/network-case.js';
import type { Feeds, GraphRunner } from '../../src/graph/graph-runner.js';
import {
  adamFactors,
  buildTrainingStep,
  gradientName,
  nextStateName,
  STATE_PARTS,
} from '../../src/graph/index.js';
import { sizeOf, type Tensor, tensor } from '../../src/tensor/tensor.js';
import type { Dataset } from '../../src/training/custom-parts.js';
import { defineTraining } from '../../src/training/definition.js';
import { channelBlock } from '../../src/training/step/compile-step.js';
import { followingState, freshState, stateFeeds } from '../../src/training/step/state.js';
import type { SmallRecipe } from './recipes.js';

/** Largest difference within a tensor over the tensor's largest entry, and which tensor that is. */
export interface Disagreement {
  readonly largest: number;
  readonly tensor: string;
}

/** How far two devices disagree about one training step. */
export interface StepComparison {
  readonly parameters: number;
  readonly loss: Disagreement;
  readonly gradients: Disagreement;
  /** Over parameters, both moments and the averaged weights after the step. */
  readonly state: Disagreement;
  /** Seconds of compiling and of the one run on the second device. */
  readonly seconds: number;
}

/** Steps on the first device before the one that is compared, so that moments are those of a run. */
const STEPS_BEFORE = 2;

/**
 * Compares one training step of a recipe, from the same state and batch, on two runners. Each gets
 * the graph that training on its device gets, with the gradients as outputs besides.
 */
export async function compareStep(
  { name: key, recipe, modules }: SmallRecipe,
  reference: GraphRunner,
  other: GraphRunner,
): Promise<StepComparison> {
  const definition = defineTraining(recipe, modules, { dataset: madeUpCrops });
  const { trained, frozen, loss } = definition;
  const { adam, average, clip, weightDecay, learningRate } = recipe;
  const compiledOn = async (runner: GraphRunner) => {
    const step = buildTrainingStep({
      loss,
      trained,
      frozen,
      adam,
      average: true,
      exposeGradients: true,
      ...(clip === undefined ? {} : { clip }),
      ...(weightDecay > 0 ? { decay: true } : {}),
      channelBlock: await channelBlock(runner),
    });
    return { step, graph: await runner.compile(key, () => step.model.bytes) };
  };
  const { step, graph } = await compiledOn(reference);
  let state = freshState(
    new Map([...trained].map(([name, { shape }]) => [name, madeUpParameter(name, shape)])),
  );
  const feedsOf = async (number: number): Promise<Feeds> => {
    const { stepSize, secondCorrection } = adamFactors(number, learningRate, adam);
    const feeds: Feeds = {
      ...(await definition.batch(noPhotographs, number)),
      ...stateFeeds(state),
      stepSize: tensor([], [stepSize]),
      secondCorrection: tensor([], [secondCorrection]),
      averageDecay: tensor([], [average]),
      decay: tensor([], [learningRate * weightDecay]),
    };
    return Object.fromEntries(step.model.inputs.map((name) => [name, feeds[name]!]));
  };
  for (let number = 1; number <= STEPS_BEFORE; number += 1)
    state = followingState(step, await graph.run(await feedsOf(number)), state);
  const feeds = await feedsOf(STEPS_BEFORE + 1);
  const expected = (await graph.run(feeds)) as Record<string, Tensor>;
  const start = performance.now();
  const { graph: otherGraph } = await compiledOn(other);
  const received = (await otherGraph.run(feeds)) as Record<string, Tensor>;
  const seconds = (performance.now() - start) / 1000;
  const among = (names: readonly string[]) => largestOf(names, expected, received);
  const { parameters } = step;
  return {
    parameters: [...trained.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    loss: among(['loss']),
    gradients: among(parameters.map(gradientName)),
    state: among(
      STATE_PARTS.flatMap((part) => parameters.map((name) => nextStateName(part, name))),
    ),
    seconds,
  };
}

function largestOf(
  names: readonly string[],
  expected: Readonly<Record<string, Tensor>>,
  received: Readonly<Record<string, Tensor>>,
): Disagreement {
  return names
    .map((name) => ({ tensor: name, largest: relative(expected[name]!, received[name]!) }))
    .reduce((worst, each) => (each.largest > worst.largest ? each : worst));
}

/** Infinite where an entry is no number, or all should be 0 and some are not. */
function relative(expected: Tensor, received: Tensor): number {
  let [difference, largest] = [0, 0];
  for (const [index, value] of expected.data.entries()) {
    const apart = Math.abs(value - received.data[index]!);
    if (Number.isNaN(apart)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, apart);
    largest = Math.max(largest, Math.abs(value));
  }
  return difference === 0 ? 0 : difference / largest;
}

/** Smooth crops with a little noise, a function of their place. */
const madeUpCrops: Dataset = async ({ step, sample, size }) => {
  const hash = nameHash(`${step} ${sample}`);
  const slope = [0, 1, 2].map((channel) => uniform(hash, channel));
  return tensor(
    [3, size, size],
    Float32Array.from({ length: 3 * size * size }, (_, index) => {
      const [channel, pixel] = [Math.floor(index / size ** 2), index % size ** 2];
      const place = (Math.floor(pixel / size) + slope[channel]! * (pixel % size)) / size;
      return 0.5 + 0.3 * Math.sin(4 * place) + 0.1 * uniform(hash, 3 + index);
    }),
  );
};

const noPhotographs = {
  folder: 'made-up images',
  count: 0,
  image: () => Promise.reject(new Error('crops are made up')),
};
