import { sha256Of } from '../../files/fingerprint.js';
import type { CompiledGraph, GraphRunner } from '../../graph/graph-runner.js';
import {
  buildGradientGraph,
  buildTrainingStep,
  cost,
  gradients,
  type TrainingStepDefinition,
} from '../../graph/index.js';
import { EngineError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { PreparedRun } from '../prepare.js';
import { channelBlock } from './channel-block.js';
import { lackingOperators } from './lacking-operators.js';
import type { StepContext } from './step-context.js';
import { Updater } from './updating/updater.js';

/** Multiply-adds of a batch's forward pass below which a thread costs more than it brings. */
const LEAST_MACS = 2e8;

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
  const { definition, photographs, carriedOut: recipe } = run;
  const shared = { recipe, definition, photographs };
  const graph = { ...stepDefinition(run), channelBlock: await channelBlock(runner) };
  if (recipe.accumulate === 1) {
    const step = buildTrainingStep(graph);
    return { ...shared, step, compiled: await compiledModel(runner, step.model.bytes) };
  }
  const step = buildGradientGraph(graph);
  const { bytes } = step.model;
  const most = cost([graph.loss]).macs < LEAST_MACS ? 1 : recipe.accumulate;
  const lanes = (await runner.compileLanes?.(keyOf(bytes), bytes, most)) ?? [
    await compiledModel(runner, bytes),
  ];
  return { ...shared, step, lanes, updater: new Updater(step.parameters, lanes) };
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
