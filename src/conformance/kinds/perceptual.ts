import { createLocalRunner } from '../../engine/local-runner.js';
import { input, lowerToOnnx } from '../../graph/index.js';
import { ParameterScope } from '../../graph/leaves.js';
import { type PerceptualNetwork, parseConfiguration } from '../../networks/network.js';
import { findPerceptualNetwork } from '../../networks/registry.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import {
  type Comparison,
  type ConformanceCase,
  compareNumbers,
  floatTensor,
  type Kind,
  worst,
} from '../case.js';
import {
  checkParameters,
  madeUpWeights,
  type NetworkStatement,
  networkName,
  networkStatement,
} from '../network-case.js';

const isLpips = (name: string): boolean => name.startsWith('lpips');

/** Relative error that a score may have. */
const toleranceOf = (name: string): number => (isLpips(name) ? 1e-4 : 1e-3);

/** The score of a perceptual network on made-up weights, and its parameters' names and shapes. */
export const perceptual: Kind = {
  name: 'perceptual',
  recognises: (candidate) => {
    const name = networkName(candidate);
    if (name === undefined) return false;
    return /^(lpips|topiq)-/.test(name) || findPerceptualNetwork(name) !== undefined;
  },
  async run(candidate) {
    const stated = networkStatement(candidate);
    const network = findPerceptualNetwork(stated.network);
    if (network === undefined)
      return { skip: `there is no perceptual network ${stated.network} yet` };
    const statement = withConfiguration(network, stated);
    const config = parseConfiguration(network, statement.config);
    const images = ['a', 'b'].slice(0, network.images).map((name) => {
      const image = floatTensor(candidate, name);
      return { name, image, value: input(name, image.shape) };
    });
    const scope = new ParameterScope();
    const output = network.build(
      config,
      scope,
      images.map(({ value }) => value),
    );
    checkParameters(network, { scope }, withSecondNames(network, config, statement));
    const model = lowerToOnnx({
      outputs: { output },
      weights: madeUpPerceptualWeights(network, scope),
    });
    const feeds = Object.fromEntries(images.map(({ name, image }) => [name, image]));
    const runner = await createLocalRunner();
    try {
      const compiled = await runner.compile(candidate.name, () => model.bytes);
      const made = (await compiled.run(feeds)).output as Tensor;
      return compareScores(made, expectedScores(candidate), toleranceOf(network.name));
    } finally {
      await runner.dispose();
    }
  },
};

/** A statement with the configuration that its shapes imply, unless it states one. */
function withConfiguration(
  network: PerceptualNetwork,
  statement: NetworkStatement,
): NetworkStatement {
  const { config, state_dict: reference } = statement;
  if (Object.keys(config).length > 0 || reference === undefined) return statement;
  return { ...statement, config: network.configure?.(new Map(Object.entries(reference))) ?? {} };
}

/** A statement that also shares the second names which only other versions of the reference have. */
function withSecondNames(
  network: PerceptualNetwork,
  config: unknown,
  statement: NetworkStatement,
): NetworkStatement {
  const { state_dict: reference = {}, shared } = statement;
  const further = [...(network.aliases?.(config) ?? [])].filter(([alias]) => !(alias in reference));
  return { ...statement, shared: { ...Object.fromEntries(further), ...shared } };
}

/** The made-up weights of a perceptual network; the heads of LPIPS are not negative. */
export function madeUpPerceptualWeights(
  network: Pick<PerceptualNetwork, 'name'>,
  scope: ParameterScope,
): Map<string, Tensor> {
  const weights = madeUpWeights({ scope });
  if (!isLpips(network.name)) return weights;
  for (const [name, { shape, data }] of weights)
    if (name.startsWith('lin')) weights.set(name, tensor(shape, data.map(Math.abs)));
  return weights;
}

function expectedScores(candidate: ConformanceCase): Tensor {
  const name = candidate.tensors.has('lpips') ? 'lpips' : 'score';
  return floatTensor(candidate, name);
}

function compareScores(received: Tensor, expected: Tensor, tolerance: number): Comparison {
  if (received.data.length !== expected.data.length)
    throw new Error(`expected ${expected.data.length} scores, received ${received.data.length}`);
  return worst(
    [...expected.data].map((score, index) =>
      compareNumbers(`score ${index}`, received.data[index]!, score, tolerance),
    ),
  );
}
