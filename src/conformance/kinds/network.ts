import { z } from 'zod';
import { createLocalRunner } from '../../engine/local-runner.js';
import {
  type AdamSettings,
  adamFactors,
  buildTrainingStep,
  input,
  lowerToOnnx,
  mul,
  nextStateName,
  reduceMean,
  reshape,
  stateName,
  sub,
} from '../../graph/index.js';
import { findImageNetwork } from '../../networks/registry.js';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';
import {
  type Comparison,
  type ConformanceCase,
  compareTensors,
  floatTensor,
  type Kind,
  worst,
} from '../case.js';
import {
  type BuiltNetwork,
  buildForCase,
  checkParameters,
  madeUpWeights,
  networkName,
  networkStatement,
} from '../network-case.js';

/** Share of the largest expected value, or of 1, by which a network's output may differ. */
const tolerance = 2e-5;

/** Networks for which single precision itself is less certain. */
const tolerances: Readonly<Record<string, number>> = { fftformer: 2e-4 };

/** The output of a network on made-up weights, and the names and shapes of its parameters. */
export const network: Kind = {
  name: 'network',
  recognises: (candidate) => networkName(candidate) !== undefined,
  async run(candidate) {
    const statement = networkStatement(candidate);
    const found = findImageNetwork(statement.network);
    if (found === undefined) return { skip: `there is no network ${statement.network} yet` };
    const built = buildForCase(found, candidate, statement);
    checkParameters(found, built, statement);
    return compareOutput(candidate, built, tolerances[found.name] ?? tolerance);
  },
};

/** Runs a built network on the case's inputs and compares with its `output`. */
async function compareOutput(candidate: ConformanceCase, built: BuiltNetwork, share = tolerance) {
  const expected = floatTensor(candidate, 'output');
  const model = lowerToOnnx({ outputs: { output: built.output }, weights: madeUpWeights(built) });
  const runner = await createLocalRunner();
  try {
    const compiled = await runner.compile(candidate.name, () => model.bytes);
    const feeds = Object.fromEntries(
      [...built.inputs].filter(([name]) => model.inputs.includes(name)),
    );
    const { output } = await compiled.run(feeds);
    return compareTensors(
      'output',
      output as Tensor,
      expected,
      (largest) => share * Math.max(1, largest),
    );
  } finally {
    await runner.dispose();
  }
}

const adamSchema = z.object({
  lr: z.number(),
  betas: z.tuple([z.number(), z.number()]).default([0.9, 0.999]),
  eps: z.number().default(1e-8),
  steps: z.int().min(1),
});

const gradientTolerance = 1e-3;
const parameterTolerance = 2e-5;

/** Output, gradients `grad.*` of the mean squared error to `x0`, parameters `adam.*` after steps. */
export const trainingStep: Kind = {
  name: 'training-step',
  recognises: (candidate) =>
    networkName(candidate) !== undefined &&
    [...candidate.tensors.keys()].some((name) => /^(grad|adam)\./.test(name)),
  async run(candidate) {
    const statement = networkStatement(candidate);
    const found = findImageNetwork(statement.network);
    if (found === undefined) return { skip: `there is no network ${statement.network} yet` };
    const built = buildForCase(found, candidate, statement);
    checkParameters(found, built, statement);
    const output = await compareOutput(candidate, built);
    return worst([output, ...(await compareTraining(candidate, built))]);
  },
};

async function compareTraining(
  candidate: ConformanceCase,
  built: BuiltNetwork,
): Promise<Comparison[]> {
  const { lr, betas, eps, steps } = adamSchema.parse(candidate.json.adam ?? { lr: 0, steps: 1 });
  const settings: AdamSettings = { beta1: betas[0], beta2: betas[1], epsilon: eps };
  const target = floatTensor(candidate, 'x0');
  const error = sub(built.output, input('x0', target.shape));
  const flat = reshape(mul(error, error), [sizeOf(error.shape)]);
  const step = buildTrainingStep({
    loss: reduceMean(flat, [0], false),
    trained: built.scope.declared(),
    adam: settings,
    exposeGradients: true,
  });
  const data: Record<string, Tensor> = { ...Object.fromEntries(built.inputs), x0: target };
  let state = initialState(built);
  let gradients: Record<string, Tensor> = {};
  const runner = await createLocalRunner();
  try {
    const compiled = await runner.compile(candidate.name, () => step.model.bytes);
    for (let k = 1; k <= steps; k++) {
      const { stepSize, secondCorrection } = adamFactors(k, lr, settings);
      const feeds: Record<string, Tensor> = {
        ...data,
        ...state,
        stepSize: tensor([], [stepSize]),
        secondCorrection: tensor([], [secondCorrection]),
      };
      const used = Object.entries(feeds).filter(([name]) => step.model.inputs.includes(name));
      const made = (await compiled.run(Object.fromEntries(used))) as Record<string, Tensor>;
      if (k === 1) gradients = made;
      state = Object.fromEntries(
        step.parts.flatMap((part) =>
          step.parameters.map((name) => [stateName(part, name), made[nextStateName(part, name)]!]),
        ),
      );
    }
  } finally {
    await runner.dispose();
  }
  return [...candidate.tensors.keys()].flatMap((name) => {
    const key = name.slice(5);
    const expected = () => floatTensor(candidate, name);
    if (name.startsWith('grad.'))
      return compareTensors(
        name,
        required(gradients[`gradient:${key}`], key),
        expected(),
        (largest) => gradientTolerance * largest,
      );
    if (name.startsWith('adam.'))
      return compareTensors(
        name,
        required(state[stateName('parameter', key)], key),
        expected(),
        () => parameterTolerance,
      );
    return [];
  });
}

function initialState(built: BuiltNetwork): Record<string, Tensor> {
  const state: Record<string, Tensor> = {};
  for (const [name, weights] of madeUpWeights(built)) {
    state[stateName('parameter', name)] = weights;
    state[stateName('first', name)] = tensor(weights.shape);
    state[stateName('second', name)] = tensor(weights.shape);
  }
  return state;
}

function required(found: Tensor | undefined, name: string): Tensor {
  if (found === undefined) throw new Error(`the network has no parameter ${name}`);
  return found;
}
