import type { Feeds } from '../../graph/graph-runner.js';
import {
  nextStateName,
  type ParameterAttributes,
  STATE_PARTS,
  stateName,
  type TrainingStep,
  type Value,
} from '../../graph/index.js';
import { inSharedMemory } from '../../tensor/shared-memory.js';
import { type DataType, type Tensor, tensor } from '../../tensor/tensor.js';
import { ModelError } from '../../utils/errors.js';
import { firstNotFinite } from '../../utils/finite.js';

/** Everything that a training step changes, under the names of the training graph's inputs. */
export type TrainingState = ReadonlyMap<string, Tensor>;

/**
 * The state before the first step: given weights, their copy as average, and empty moments.
 * @param held names of weights that are not trained, and have nothing besides themselves.
 */
export function freshState(
  weights: ReadonlyMap<string, Tensor>,
  held: ReadonlyMap<string, unknown> = new Map(),
): TrainingState {
  const state = new Map<string, Tensor>();
  for (const [name, value] of weights) {
    state.set(stateName('parameter', name), value);
    if (held.has(name)) continue;
    state.set(stateName('first', name), tensor(value.shape));
    state.set(stateName('second', name), tensor(value.shape));
    state.set(stateName('average', name), tensor(value.shape, value.data.slice()));
  }
  return state;
}

/** The state in memory that threads share. */
export function sharedState(state: TrainingState): TrainingState {
  return new Map([...state].map(([name, value]) => [name, inSharedMemory(value)]));
}

/** The state that a step's outputs hold, with what was not trained as it was before. */
export function followingState(
  step: TrainingStep,
  outputs: Readonly<Record<string, Tensor<DataType>>>,
  before: TrainingState,
): TrainingState {
  const state = new Map<string, Tensor>();
  for (const name of step.parameters)
    for (const part of step.parts)
      state.set(stateName(part, name), outputs[nextStateName(part, name)] as Tensor);
  for (const [name, value] of before) if (!state.has(name)) state.set(name, value);
  return state;
}

/** The averaged weights of a state; those that were not trained are as they were. */
export function averagedWeights(
  state: TrainingState,
  names: Iterable<string>,
): Map<string, Tensor> {
  return new Map(
    [...names].map((name) => [name, state.get(stateName('average', name)) ?? state.get(name)!]),
  );
}

/** The state as inputs of the training graph. */
export function stateFeeds(state: TrainingState): Feeds {
  return Object.fromEntries(state);
}

/**
 * Checks that a state read from a file belongs to a network.
 * @throws ModelError that names the first tensor that is missing, has another shape or holds a value
 * that is not finite.
 */
export function requireState(
  state: ReadonlyMap<string, Tensor<DataType>>,
  declared: ReadonlyMap<string, Value<ParameterAttributes>>,
  file: string,
  held: ReadonlyMap<string, unknown> = new Map(),
): TrainingState {
  for (const [name, { shape }] of declared)
    for (const part of held.has(name) ? (['parameter'] as const) : STATE_PARTS) {
      const found = state.get(stateName(part, name));
      if (found?.dataType !== 'float32' || found.shape.join() !== shape.join())
        throw new ModelError(file, `${stateName(part, name)} does not fit the recipe's network`, {
          expected: `float32 [${shape}]`,
          received: found === undefined ? 'nothing' : `${found.dataType} [${found.shape}]`,
        });
    }
  const bad = firstNotFinite(state);
  if (bad !== undefined) throw new ModelError(file, `${bad} holds a value that is not finite`);
  return state as TrainingState;
}
