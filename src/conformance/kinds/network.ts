import { createLocalRunner } from '../../engine/local-runner.js';
import { lowerToOnnx } from '../../graph/index.js';
import { findNetwork } from '../../networks/registry.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { ConformanceCase } from '../case.js';
import { compareTensors, floatTensor } from '../compare.js';
import type { Kind } from '../kind.js';
import { type BuiltNetwork, buildForCase, checkParameters, madeUpWeights, networkName, networkStatement } from '../network-case.js';

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
    const found = findNetwork(statement.network);
    if (found === undefined) return { skip: `there is no network ${statement.network} yet` };
    const built = buildForCase(found, candidate, statement);
    checkParameters(found, built, statement);
    return compareOutput(candidate, built, tolerances[found.name] ?? tolerance);
  },
};

/** Runs a built network on the case's inputs and compares with its `output`. */
export async function compareOutput(
  candidate: ConformanceCase,
  built: BuiltNetwork,
  share = tolerance,
) {
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
