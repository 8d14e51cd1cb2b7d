import { fileURLToPath } from 'node:url';
import { loadCase } from '../../conformance/case.js';
import { passes } from '../../conformance/compare.js';
import { network as networkCase } from '../../conformance/kinds/network.js';
import { madeUpParameter } from '../../conformance/made-up-weights.js';
import { input, ParameterScope } from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import type { Tensor } from '../../tensor/tensor.js';
import { parseConfiguration } from '../configuration.js';
import type { Network } from '../network.js';

const folder = new URL('../../../conformance/', import.meta.url);

/**
 * Runs a shipped conformance case of a network: its parameters by name and shape, its buffers and
 * aliases, and its output. True where all agree with the reference.
 */
export async function agreesWithReference(name: string): Promise<boolean> {
  const [json, safetensors] = ['json', 'safetensors'].map((ending) =>
    fileURLToPath(new URL(`${name}.${ending}`, folder)),
  ) as [string, string];
  const result = await networkCase.run(await loadCase({ name, json, safetensors }));
  return !('skip' in result) && passes(result);
}

/** What a network of made-up weights makes of pictures. */
export async function outputOf<C>(
  network: Network<C>,
  json: unknown,
  pictures: Tensor,
): Promise<Tensor> {
  const scope = new ParameterScope();
  const config = parseConfiguration(network, json);
  const y = network.build(config, scope, [input('x', pictures.shape)]);
  const weights = new Map(
    [...scope.declared()].map(([name, { shape }]) => [name, madeUpParameter(name, shape)]),
  );
  return (await evaluate({ y }, { x: pictures }, weights)).y!;
}
