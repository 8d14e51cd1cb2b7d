import type { Feeds } from '../../graph/graph-runner.js';
import { SQUARES, stateName, type TrainingStep } from '../../graph/index.js';
import type { DataType, Tensor } from '../../tensor/tensor.js';
import { ModelError } from '../../utils/errors.js';
import { firstNotFinite } from '../../utils/finite.js';
import type { TrainingState } from './state.js';

/** The loss, a gradient or the state is no longer a number. */
export class DivergenceError extends ModelError {}

/** All that a step took and gave. */
interface Evidence {
  readonly loss: number;
  readonly outputs: Readonly<Record<string, Tensor<DataType>>>;
  readonly step: TrainingStep;
  readonly before: TrainingState;
  readonly after: TrainingState;
  readonly batch: Feeds;
}

/**
 * Checks the outcome of a step.
 * @throws DivergenceError that names the step and the first bad tensor: an input, a parameter, or
 * the parameter whose gradient it is.
 */
export function requireSound(number: number, evidence: Evidence): void {
  const { loss, outputs, step, before, after, batch } = evidence;
  const gradient = badGradient(step, outputs, after);
  if (!Number.isFinite(loss) || gradient !== undefined)
    throw diverged(number, { loss, gradient, before, batches: [batch] });
  requireFiniteUpdate(number, step.parameters, after);
}

/**
 * Checks what a step made of finite gradients.
 * @throws DivergenceError that names the step and the parameter.
 */
export function requireFiniteUpdate(
  number: number,
  parameters: readonly string[],
  state: TrainingState,
): void {
  for (const part of ['parameter', 'second'] as const) {
    const bad = firstNotFinite(parameters.map((name) => [name, state.get(stateName(part, name))!]));
    if (bad === undefined) continue;
    const what = part === 'parameter' ? bad : `the squared gradient of ${bad}`;
    throw failure(number, `${what} is no longer finite`);
  }
}

/**
 * Refuses a state that is not to be saved or gone on from.
 * @throws DivergenceError that names the first tensor with an entry that is not finite.
 */
export function requireFinite(step: number, state: TrainingState): void {
  const bad = firstNotFinite(state);
  if (bad !== undefined) throw failure(step, `${bad} is no longer finite`);
}

/** The error of a loss or gradient that is not finite, with where that began. */
export function diverged(
  number: number,
  {
    loss,
    gradient,
    before,
    batches,
  }: {
    readonly loss: number;
    /** The first parameter whose gradient is not finite. */
    readonly gradient: string | undefined;
    readonly before: TrainingState;
    readonly batches: readonly Feeds[];
  },
): DivergenceError {
  const input = firstNotFinite(batches.flatMap((batch) => Object.entries(batch)));
  if (input !== undefined) return failure(number, `${input} is not finite`, '');
  const parameter = firstNotFinite(before);
  if (parameter !== undefined) return failure(number, `${parameter} is not finite`, '');
  const facts = Number.isFinite(loss) ? [] : [`the loss is ${loss}`];
  if (gradient !== undefined) facts.push(`the gradient of ${gradient} is not finite`);
  return failure(number, facts.join(' and '));
}

/**
 * The first moments take up the gradients, so they show whether one is not finite; the runtime's
 * maximum of all gradients would not, since it passes over NaN. Where gradients are shortened by
 * their common norm, one bad one spoils all moments, and the squares from before that tell.
 */
function badGradient(
  step: TrainingStep,
  outputs: Evidence['outputs'],
  after: TrainingState,
): string | undefined {
  const squares = outputs[SQUARES]?.data as Float32Array | undefined;
  if (squares !== undefined)
    return step.parameters.find((_, index) => !Number.isFinite(squares[index]));
  return firstNotFinite(
    step.parameters.map((name) => [name, after.get(stateName('first', name))!]),
  );
}

function failure(number: number, what: string, advice = '; lower the learning rate') {
  return new DivergenceError('training', `step ${number}: ${what}${advice}`, {
    expected: 'finite numbers',
  });
}
