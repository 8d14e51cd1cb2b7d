import type { Tensor } from '../tensor/tensor.js';
import { type AdamSettings, adamUpdate, defaultAdam } from './adam.js';
import { gradients } from './differentiate.js';
import { input, type ParameterAttributes, scalar } from './leaves.js';
import { lowerToOnnx, type OnnxModel } from './lower.js';
import { add, mul, reshape, sub } from './operators/index.js';
import type { Value } from './value.js';

/** The parts of a training state that each parameter has. */
export const STATE_PARTS = ['parameter', 'first', 'second', 'average'] as const;
export type StatePart = (typeof STATE_PARTS)[number];

/** Name of one part of a parameter's state among the inputs of a training graph. */
export function stateName(part: StatePart, parameter: string): string {
  return part === 'parameter' ? parameter : `${part}:${parameter}`;
}

/** Name under which a training graph gives the state that follows. */
export function nextStateName(part: StatePart, parameter: string): string {
  return `next:${part}:${parameter}`;
}

export interface TrainingStep {
  readonly model: OnnxModel;
  /** Names of the trained parameters, in the order of declaration. */
  readonly parameters: readonly string[];
  /** The parts of state that the graph reads and writes. */
  readonly parts: readonly StatePart[];
}

/**
 * One training step as a single ONNX model: loss, gradients of all trained parameters, Adam
 * update and, on request, an exponential moving average of the weights.
 *
 * Inputs besides the loss's own: the state (`stateName`), `stepSize` and `secondCorrection` of
 * `adamFactors`, and `averageDecay` with an average. Outputs: `loss` and the next state
 * (`nextStateName`); gradients as `gradient:NAME` with `exposeGradients`.
 * @param frozen weights of parameters that the loss depends on and that are not trained.
 */
export function buildTrainingStep(definition: {
  readonly loss: Value;
  readonly trained: ReadonlyMap<string, Value<ParameterAttributes>>;
  readonly frozen?: ReadonlyMap<string, Tensor>;
  readonly adam?: AdamSettings;
  readonly average?: boolean;
  readonly exposeGradients?: boolean;
}): TrainingStep {
  const { loss, trained, frozen = new Map(), adam = defaultAdam, average = false } = definition;
  const names = [...trained.keys()];
  const parts = STATE_PARTS.filter((part) => average || part !== 'average');
  const slopes = gradients(loss, [...trained.values()]);
  const factors = {
    stepSize: input('stepSize', []),
    secondCorrection: input('secondCorrection', []),
  };
  const decay = input('averageDecay', []);
  const outputs: Record<string, Value> = { loss: reshape(loss, []) };
  names.forEach((name, index) => {
    const parameter = trained.get(name)!;
    const slope = slopes[index]!;
    const first = input(stateName('first', name), parameter.shape);
    const second = input(stateName('second', name), parameter.shape);
    const next = adamUpdate({ parameter, first, second }, slope, factors, adam);
    outputs[nextStateName('parameter', name)] = next.parameter;
    outputs[nextStateName('first', name)] = next.first;
    outputs[nextStateName('second', name)] = next.second;
    if (average) {
      const before = input(stateName('average', name), parameter.shape);
      const kept = mul(before, decay);
      const added = mul(next.parameter, sub(scalar(1), decay));
      outputs[nextStateName('average', name)] = add(kept, added);
    }
    if (definition.exposeGradients === true) outputs[`gradient:${name}`] = slope;
  });
  return { model: lowerToOnnx({ outputs, weights: frozen }), parameters: names, parts };
}
