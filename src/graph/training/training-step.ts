import { sizeOf, type Tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { input, isInput, isParameter, type ParameterAttributes, scalar } from '../leaves.js';
import { lowerWithMemory, type OnnxModel } from '../lowering/lower.js';
import type { GraphMemory } from '../lowering/peak-memory.js';
import { add, mul, reshape, slice, sub } from '../operators/index.js';
import { rewriteGraph, topologicalOrder, type Value } from '../value.js';
import { type LossAndGradients, rematerialisedGradients } from './differentiate.js';
import { type AdamSettings, adamUpdate, clipToNorm, defaultAdam, SQUARES } from './optimizer.js';

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

/** Name of a parameter's gradient, where a training graph gives or takes it. */
export function gradientName(parameter: string): string {
  return `gradient:${parameter}`;
}

/** Loss and gradients of a batch, for updates by several batches that are made elsewhere. */
export interface GradientGraph {
  /** Outputs: `loss` and the gradients (`gradientName`). */
  readonly model: OnnxModel;
  /** Names of the trained parameters, in the order of declaration. */
  readonly parameters: readonly string[];
  readonly memory: GraphMemory;
}

export interface TrainingStep extends GradientGraph {
  /** The parts of state that the graph reads and writes. */
  readonly parts: readonly StatePart[];
}

/** What a training step minimises and how it goes about it. */
export interface TrainingStepDefinition {
  readonly loss: Value;
  readonly trained: ReadonlyMap<string, Value<ParameterAttributes>>;
  /** Weights of parameters that the loss depends on and that are not trained. */
  readonly frozen?: ReadonlyMap<string, Tensor>;
  readonly adam?: AdamSettings;
  readonly average?: boolean;
  /** Largest Euclidean norm of all gradients together. */
  readonly clip?: number | undefined;
  /** Takes the input `decay`, learning rate x weight decay. */
  readonly decay?: boolean;
  /** Stretches for `rematerialisedGradients`: less memory, more work; default 1, which is neither. */
  readonly segments?: number;
  /** As in `lowerToOnnx`. */
  readonly channelBlock?: number | undefined;
}

/**
 * One training step as a single ONNX model: loss, gradients of all trained parameters, Adam
 * update and, on request, an exponential moving average of the weights.
 *
 * Inputs besides the loss's own: the state (`stateName`), `stepSize` and `secondCorrection` of
 * `adamFactors`, `decay` with a decay, and `averageDecay` with an average. Outputs: `loss` and the
 * next state (`nextStateName`); gradients as `gradientName` with `exposeGradients`; with `clip`
 * `gradientSquares`, the sum of each gradient's squares [number of parameters].
 */
export function buildTrainingStep(
  definition: TrainingStepDefinition & { readonly exposeGradients?: boolean },
): TrainingStep {
  const { frozen = new Map(), exposeGradients = false, channelBlock, trained } = definition;
  const { loss, gradients: slopes } = differentiated(definition);
  const outputs: Record<string, Value> = {
    loss: reshape(loss, []),
    ...updated(definition, slopes, exposeGradients),
  };
  const { model, memory } = lowerWithMemory({ outputs, weights: frozen, channelBlock });
  const parameters = [...trained.keys()];
  return { model, parameters, parts: partsOf(definition), memory };
}

/** The loss and the gradients of a batch as one ONNX model. */
export function buildGradientGraph(definition: TrainingStepDefinition): GradientGraph {
  const { trained, frozen = new Map(), channelBlock } = definition;
  const { loss, gradients: slopes } = differentiated(definition);
  const parameters = [...trained.keys()];
  const outputs: Record<string, Value> = { loss: reshape(loss, []) };
  for (const [index, name] of parameters.entries()) outputs[gradientName(name)] = slopes[index]!;
  const { model, memory } = lowerWithMemory({ outputs, weights: frozen, channelBlock });
  return { model, parameters, memory };
}

function differentiated({ loss, trained, segments = 1 }: TrainingStepDefinition): LossAndGradients {
  return rematerialisedGradients(loss, [...trained.values()], segments);
}

function partsOf({ average = false }: TrainingStepDefinition): StatePart[] {
  return STATE_PARTS.filter((part) => average || part !== 'average');
}

/** The outputs that follow from the gradients. */
function updated(
  definition: TrainingStepDefinition,
  gradients: readonly Value[],
  exposeGradients: boolean,
): Record<string, Value> {
  const { trained, adam = defaultAdam, average = false, clip, decay = false } = definition;
  const factors = {
    stepSize: input('stepSize', []),
    secondCorrection: input('secondCorrection', []),
    ...(decay ? { decay: input('decay', []) } : {}),
  };
  const averageDecay = input('averageDecay', []);
  const rows = gradients.map(inRow);
  const clipped = clip === undefined ? undefined : clipToNorm(rows, clip);
  const slopes = clipped?.gradients ?? rows;
  const outputs: Record<string, Value> = {};
  [...trained.keys()].forEach((name, index) => {
    const { shape } = trained.get(name)!;
    const before = (part: StatePart): Value =>
      inRow(part === 'parameter' ? trained.get(name)! : input(stateName(part, name), shape));
    const state = {
      parameter: before('parameter'),
      first: before('first'),
      second: before('second'),
    };
    const next: Partial<Record<StatePart, Value>> = adamUpdate(
      state,
      slopes[index]!,
      factors,
      adam,
    );
    if (average) {
      const kept = mul(before('average'), averageDecay);
      next.average = add(kept, mul(next.parameter!, sub(scalar(1), averageDecay)));
    }
    for (const part of partsOf(definition))
      outputs[nextStateName(part, name)] = reshape(next[part]!, shape);
    if (exposeGradients) outputs[gradientName(name)] = gradients[index]!;
  });
  if (clipped !== undefined) outputs[SQUARES] = clipped.squares;
  return outputs;
}

/**
 * A value of many axes in one: the runtime combines [.., 1, 1] with a scalar an element at a time,
 * some thirty times slower.
 */
function inRow(value: Value): Value {
  return value.shape.length > 1 ? reshape(value, [sizeOf(value.shape)]) : value;
}

/**
 * The mean of what a loss is of equal parts of a batch, one part after the other: for a loss that is
 * a mean over samples that of the whole batch, while no result is larger than one of a part.
 * @param part the loss of one part. What depends on parameters alone is the same for all of them.
 * @param whole the loss of the batch, which has the parameters and inputs of a part by name; these of
 * one shape where the parts share them, or as many times as long along the first axis as there are
 * parts.
 * @throws ParameterError where the inputs are not so.
 */
export function meanOverParts(part: Value, whole: Value): Value {
  const known = new Map(topologicalOrder([whole]).map((value) => [nameOf(value), value]));
  const leaves = topologicalOrder([part])
    .filter((value) => nameOf(value) !== undefined)
    .map((leaf) => ({ leaf, all: known.get(nameOf(leaf)) }));
  const counts = leaves.map(({ leaf, all }) => partsIn(all, leaf)).filter((count) => count > 1);
  const [count = 1] = counts;
  if (counts.some((other) => other !== count))
    throw new ParameterError('meanOverParts', 'inputs of one number of parts', counts);
  const losses = Array.from({ length: count }, (_, index) => {
    const placed = leaves.map(({ leaf, all }) => [leaf, partOf(all!, leaf.shape, index)] as const);
    const parts = new Map(placed);
    return rewriteGraph({ part }, (node) => parts.get(node)).part;
  });
  const sum = losses.reduce((total, loss) => add(total, loss));
  return count === 1 ? sum : mul(sum, scalar(1 / count));
}

function nameOf(value: Value): string | undefined {
  if (isInput(value)) return `input ${value.attributes.name}`;
  return isParameter(value) ? `parameter ${value.attributes.name}` : undefined;
}

function partsIn(whole: Value | undefined, { shape, dataType }: Value): number {
  const [all = 1, ...rest] = whole?.shape ?? [];
  const [some = 1, ...same] = shape;
  const fits = rest.join() === same.join() && all % some === 0 && whole?.dataType === dataType;
  if (!fits)
    throw new ParameterError('meanOverParts', `inputs made of parts [${shape}]`, whole?.shape);
  return all / some;
}

function partOf(whole: Value, shape: readonly number[], index: number): Value {
  const [size = 1] = shape;
  return whole.shape.join() === shape.join()
    ? whole
    : slice(whole, 0, index * size, (index + 1) * size);
}
