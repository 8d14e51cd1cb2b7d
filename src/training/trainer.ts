import type { GraphRunner } from '../graph/graph-runner.js';
import type { GraphMemory } from '../graph/index.js';
import { announceMemory } from './cost/training-memory.js';
import type { CustomParts } from './custom.js';
import { recipeNetwork } from './define.js';
import { withRestoredError } from './kinds/restored-error.js';
import { fillPool } from './pool/fill-pool.js';
import { openRestoring, restorerMemory } from './pool/restoring.js';
import { type PreparedRun, prepareRun, trainingPhotographs } from './prepare.js';
import { appendLog, type TrainingProgress, trimLog } from './run/log.js';
import {
  makeRunFolder,
  removeIfEmpty,
  removeLeftovers,
  saveWeights,
  setAside,
} from './run/run-folder.js';
import { lockRun } from './run/run-lock.js';
import { Sitting } from './sitting.js';
import { compileStep } from './step/compile-step.js';
import type { TrainingListener, TrainingOptions, TrainingResult } from './training-options.js';
import { Validation } from './validation/validation.js';

/**
 * Carries out a recipe on a runner, with parts of the caller's own where given. When `checkpoint` of
 * the runner refuses, because the job was cancelled, the state is saved and the error passed on. A run
 * that was stopped anywhere and resumed gives the very weights of an uninterrupted one, since every
 * batch is a function of the seed and the step.
 * @throws ParameterError for a recipe whose entries do not fit each other or the run; ModelError
 * for modules that are missing or do not fit, and when the loss, a gradient or the state is no
 * longer finite: nothing of that step is saved; InputError for photographs; OutputError where the
 * folder is in use or cannot be written, and then an earlier state is intact; CancelledError.
 */
export async function train(
  given: TrainingOptions,
  runner: GraphRunner,
  listener: TrainingListener | ((progress: TrainingProgress) => void) = {},
  custom: CustomParts = {},
): Promise<TrainingResult> {
  const { output } = given;
  const listening = typeof listener === 'function' ? { onProgress: listener } : listener;
  recipeNetwork(given.recipe, custom.networks);
  await trainingPhotographs(given.recipe, custom);
  const made = await makeRunFolder(output);
  const lock = await lockRun(output);
  try {
    await removeLeftovers(output);
    const recipe = await withRestoredError(given, runner, custom);
    const options = { ...given, recipe };
    const run = await prepareRun(options, custom, runner.device.effective);
    try {
      const context = await compileStep(run, runner);
      const validation = await Validation.open(recipe, run.modules, runner, custom);
      if (runner.device.effective === 'cpu') {
        const others = [validation?.memory, poolMemory(run)];
        const memory = await announceMemory(run, { ...context, others }, options.memory);
        listening.onMemory?.(memory);
      }
      await restoreCrops(run, runner, options, listening);
      // Of a run that was killed before its first save there may be a log.
      await trimLog(output, run.position.step);
      if (run.resumed) await pickUp(output, run, listening);
      const sitting = new Sitting(options, run, { context, validation }, listening);
      return await sitting.run(() => runner.checkpoint());
    } finally {
      await run.close();
    }
  } finally {
    await lock.release();
    if (made) await removeIfEmpty(output);
  }
}

/** What the restorer takes that makes the crops which a run keeps. */
function poolMemory({ pool, definition, modules }: PreparedRun): GraphMemory | undefined {
  return pool && restorerMemory(definition.task!, modules.restorer!);
}

/** Makes the restored crops that a run draws from, where it keeps them. */
async function restoreCrops(
  { pool, position: { recipe }, definition, modules, photographs }: PreparedRun,
  runner: GraphRunner,
  { cacheBytes }: TrainingOptions,
  { onRestored }: TrainingListener,
): Promise<void> {
  if (pool === undefined || recipe.kind !== 'fusion') return;
  const task = definition.task!;
  const restoring = () => openRestoring(task, modules.restorer!, runner);
  await fillPool(
    pool,
    { recipe, task, photographs, restoring },
    {
      checkpoint: () => runner.checkpoint(),
      ...(cacheBytes === undefined ? {} : { limit: cacheBytes }),
      ...(onRestored === undefined ? {} : { onCrop: onRestored }),
    },
  );
}

/** Brings a folder to where its newest whole state is. */
async function pickUp(output: string, run: PreparedRun, listener: TrainingListener): Promise<void> {
  const { step, device } = run.position;
  const warnings = run.damaged.map(
    (path) => `${path} is damaged and set aside; the run goes on from step ${step}`,
  );
  if (run.deviceBefore !== undefined && run.deviceBefore !== device)
    warnings.push(
      `the run goes on on ${device}, having been on ${run.deviceBefore}: to the same figures but for rounding, not to the same bits`,
    );
  for (const warning of warnings) {
    await appendLog(output, { step, warning });
    listener.onWarning?.(warning);
  }
  await setAside(run.damaged);
  await saveWeights(output, run.state, run.result);
}
