import type { GraphRunner } from '../../graph/graph-runner.js';
import {
  apply,
  input,
  isConstant,
  lowerToOnnx,
  topologicalOrder,
  type Value,
} from '../../graph/index.js';
import { EngineError } from '../../tensor/errors.js';

/**
 * Names of the graph's operators that a runner refuses to compile by themselves, each tried once
 * for every combination of element types that it is used with. Nothing is run.
 * @throws as `GraphRunner.compile`, but for EngineError.
 */
export async function lackingOperators(
  outputs: readonly Value[],
  runner: GraphRunner,
): Promise<string[]> {
  const lacking = new Set<string>();
  for (const [key, node] of operatorUses(outputs)) {
    const alone = apply(node.operator, node.inputs.map(asInput), node.attributes);
    const { bytes } = lowerToOnnx({ outputs: { alone } });
    try {
      await runner.compile(`operator ${key}`, () => bytes);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      lacking.add(node.operator.name);
    }
  }
  return [...lacking];
}

/** The first node of each operator with each combination of element types. */
function operatorUses(outputs: readonly Value[]): Map<string, Value> {
  const uses = new Map<string, Value>();
  for (const node of topologicalOrder(outputs)) {
    if (node.inputs.length === 0) continue;
    const types = [...node.inputs, node].map(({ dataType }) => dataType);
    const key = `${node.operator.name} ${types.join(' ')}`;
    if (!uses.has(key)) uses.set(key, node);
  }
  return uses;
}

/** Constants stay, since devices treat them apart. */
function asInput(value: Value, place: number): Value {
  return isConstant(value) ? value : input(`x${place}`, value.shape, value.dataType);
}
