import type { GraphRunner } from '../graph/graph-runner.js';
import { input, lowerToOnnx, ParameterScope } from '../graph/index.js';
import { tensor } from '../tensor/tensor.js';
import { type Module, moduleKey } from '../weights/module-file.js';

/** Weights of x_IR in (0, 1) at a time; the rest is x_D's. */
export interface FusionWeights {
  /** Of every feature that is mixed. */
  readonly features?: readonly number[];
  /** Of red, green and blue, where the images themselves are averaged. */
  readonly colours?: readonly number[];
}

/** How far a fusion network leans on x_IR at time t; undefined where that is no function of t. */
export async function fusionWeights(
  fusion: Module,
  runner: GraphRunner,
  t: number,
): Promise<FusionWeights | undefined> {
  const { network, config, weights } = fusion;
  if (network.mixing === undefined) return undefined;
  const graph = await runner.compile(`mixing ${moduleKey(fusion)}`, () => {
    const outputs = network.mixing!(config, new ParameterScope(), input('t', [1]));
    const named = Object.entries(outputs).filter(([, value]) => value !== undefined);
    return lowerToOnnx({ outputs: Object.fromEntries(named), weights }).bytes;
  });
  const found = await graph.run({ t: tensor([1], [t]) });
  const entries = Object.entries(found).map(([name, { data }]) => [name, Array.from(data, Number)]);
  return Object.fromEntries(entries);
}
