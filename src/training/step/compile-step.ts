import { sha256Of } from '../../files/digest.js';
import type { CompiledGraph, GraphRunner } from '../../graph/graph-runner.js';
import {
  apply,
  buildGradientGraph,
  buildTrainingStep,
  cost,
  findChannelBlock,
  gradients,
  input,
  isConstant,
  lowerToOnnx,
  meanOverParts,
  type TrainingStepDefinition,
  topologicalOrder,
  type Value,
} from '../../graph/index.js';
import { sizeOf, type Tensor } from '../../tensor/tensor.js';
import { EngineError } from '../../utils/errors.js';
import type { CustomParts } from '../custom-parts.js';
import type { TrainingDefinition } from '../definition.js';
import { Updater } from '../optimizer/updater.js';
import type { PreparedRun } from '../prepare.js';
import type { Recipe } from '../recipe.js';
import type { StepContext } from './training-step.js';

/** Multiply-adds of a batch's forward pass below which a thread costs more than it brings. */
const LEAST_MACS_PER_COPY = 2e8;

/**
 * The training step of a run, compiled: one graph, or copies of that of the gradients where the
 * recipe accumulates them.
 * @throws as `GraphRunner.compile`; an EngineError names the operators that the device lacks.
 */
export async function compileStep(run: PreparedRun, runner: GraphRunner): Promise<StepContext> {
  try {
    return await compiledStep(run, runner);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { loss } = run.definition;
    const graph = [loss, ...gradients(loss, [...run.trained.values()])];
    const lacking = await lackingOperators(graph, runner);
    if (lacking.length === 0) throw error;
    const { network } = run.position.recipe;
    throw new EngineError(
      'device',
      `${runner.device.effective} cannot train ${network}: it lacks ${lacking.join(', ')}; cpu has all operators`,
      { cause: error },
    );
  }
}

async function compiledStep(run: PreparedRun, runner: GraphRunner): Promise<StepContext> {
  const { definition, photographs, stepRecipe: recipe } = run;
  const shared = { recipe, definition, photographs };
  const graph = { ...stepDefinition(run), channelBlock: await channelBlock(runner) };
  if (recipe.accumulate === 1) {
    const step = buildTrainingStep(graph);
    return { ...shared, step, compiled: await compiledModel(runner, step.model.bytes) };
  }
  const step = buildGradientGraph(graph);
  const { bytes } = step.model;
  const most = cost([graph.loss]).macs < LEAST_MACS_PER_COPY ? 1 : recipe.accumulate;
  const copies = (await runner.compileWorkers?.(keyOf(bytes), bytes, most)) ?? [
    await compiledModel(runner, bytes),
  ];
  return { ...shared, step, copies, updater: new Updater(step.parameters, copies) };
}

/** What a run's recipe makes of its definition; frozen parameters have their weights of now. */
function stepDefinition(run: PreparedRun): TrainingStepDefinition {
  const { definition, trained, held, state, position } = run;
  const { adam, clip, weightDecay } = position.recipe;
  const weights = [...held.keys()].map((name): [string, Tensor] => [name, state.get(name)!]);
  return {
    loss: definition.loss,
    trained,
    frozen: new Map([...definition.frozen, ...weights]),
    adam,
    average: true,
    segments: run.segments,
    ...(clip === undefined ? {} : { clip }),
    ...(weightDecay > 0 ? { decay: true } : {}),
  };
}

function compiledModel(runner: GraphRunner, bytes: Uint8Array): Promise<CompiledGraph> {
  return runner.compile(keyOf(bytes), () => bytes);
}

function keyOf(bytes: Uint8Array): string {
  return `training-step ${sha256Of(bytes)}`;
}

/** Multiply-adds of a batch's forward pass below which a second graph costs more than it brings. */
const LEAST_MACS_TO_SPLIT = 4e8;

/**
 * The recipe as its steps run it: large batches of an even number of crops are split into two
 * micro-batches, which may run at the same time. They have the same crops and give the same mean
 * gradient up to the rounding of sums. The split depends on the recipe alone, so that a run can be
 * resumed elsewhere to the same bits. A custom loss may concern a batch as a whole, which is not
 * split then.
 * @param definition of the recipe as it was given.
 */
export function splitBatch(
  recipe: Recipe,
  { loss }: TrainingDefinition,
  custom: CustomParts,
): Recipe {
  const whole = recipe.batch % 2 === 1 || custom.loss !== undefined;
  if (whole || cost([loss]).macs < LEAST_MACS_TO_SPLIT) return recipe;
  return { ...recipe, batch: recipe.batch / 2, accumulate: 2 * recipe.accumulate };
}

/** Bytes of a convolution's result that stay in a processor's second cache, with what else is there. */
const CACHED_BYTES = 2 ** 20;

/** A graph with more values than this takes the runtime longer to compile than it gains. */
const MOST_VALUES = 2000;

/**
 * The loss of a batch as the mean over smaller micro-batches within one graph, where this keeps the
 * results of convolutions in the processor's cache until they are read. Whether and how the batch
 * is divided follows from the graph alone, so that sums have the same bits on every processor.
 * @param loss of the whole batch, a mean over its crops.
 * @param ofCrops the loss of fewer crops, with inputs of the same names.
 */
export function lossOfMicroBatches(
  loss: Value,
  batch: number,
  ofCrops: (crops: number) => Value,
): Value {
  const crops = microBatchSize(loss, batch);
  return crops === batch ? loss : meanOverParts(ofCrops(crops), loss);
}

function microBatchSize(loss: Value, batch: number): number {
  const values = topologicalOrder([loss]);
  const results = values.filter(({ operator }) => operator.name === 'conv2d');
  const largest = Math.max(0, ...results.map(({ shape }) => 4 * sizeOf(shape)));
  for (let parts = 1; parts <= batch && parts * values.length <= MOST_VALUES; parts += 1)
    if (batch % parts === 0 && largest / parts <= CACHED_BYTES) return batch / parts;
  return batch;
}

/**
 * Channels that a runner's processor keeps together, for `buildTrainingStep`; undefined where it
 * has no such operators. On another device some of them would be left to the processor.
 */
export async function channelBlock(runner: GraphRunner): Promise<number | undefined> {
  if (runner.device.effective !== 'cpu') return undefined;
  return findChannelBlock(async (bytes, feeds) => {
    const compiled = await runner.compile('channel block', () => bytes);
    return (await compiled.run(feeds)) as Record<string, Tensor>;
  });
}

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
