import { restoreBurstFiles, restoreFile } from '../../app/restore.js';
import type { RestoreFacts } from '../../app/restore-request.js';
import { createEngine, type Engine } from '../../engine/index.js';
import { taskOf, tasks } from '../../restoration/index.js';
import { CancelledError, DpirError } from '../../tensor/errors.js';
import type { CliCommand, CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { CONTRACT_HELP } from '../models/module-source.js';
import { parseOptions } from '../options.js';
import { burstTarget } from '../restore/burst-target.js';
import { followRestoration } from '../restore/follow-restoration.js';
import { repeatCommand } from '../restore/repeat-command.js';
import { burstRequest, refuseBurstOptions, restoreRequest } from '../restore/request.js';
import { type RestoreCliOptions, restoreOptions } from '../restore/restore-options.js';
import { targetsOf } from '../restore/targets.js';
import { taskOfOptions } from '../restore/task-of-options.js';
import { summary } from '../restore/texts.js';

const titles = Object.values(tasks).map(({ name, title }) => `${name}: ${title}`);

/** Restores picture files and bursts of RAW files. */
export const command: CliCommand = {
  name: 'restore',
  configure: (command) =>
    command
      .description('restore pictures with a pack: restoration network, denoiser and fusion network')
      .requiredOption(
        '-i, --input <file...>',
        'pictures to restore; for a burst its RAW files, their folder or a pattern',
      )
      .requiredOption('-o, --output <file>', 'result; a folder where there are several pictures')
      .option('--task <task>', `${titles.join('; ')} (default: that of the pack)`)
      .option(
        '--model <pack>',
        'folder of a pack, or the name of a shipped one (default: the task, or sr4)',
      )
      .option('--reference <frame>', 'of a burst: name, or number from 0 (default: the sharpest)')
      .option('--frames <n>', 'of a burst: most frames to use, the sharpest (default: all)')
      .option(
        '--scale <n>',
        'of a burst: pixels for one of the sensor, 1, 2 or 4 (default: the pack)',
      )
      .option('--restorer <file>', "weights or ONNX file in place of the pack's restorer")
      .option('--restorer-contract <file>', CONTRACT_HELP)
      .option('--denoiser <file>', "weights or ONNX file in place of the pack's denoiser")
      .option('--denoiser-contract <file>', CONTRACT_HELP)
      .option('--fusion <file>', "weights in place of the pack's fusion network")
      .option('--steps <n>', 'evaluations of denoiser and fusion network (default: the pack)')
      .option('--tau <t>', 'time the chain starts at (default: the pack)')
      .option('--start <mode>', 'accelerated, noised or full (default: accelerated)')
      .option('--sampler <kind>', 'ancestral or ddim (default: by steps and tau)')
      .option('--eta <share>', 'fresh noise of ddim, 0 to 1 (default: 0)')
      .option('--variance <kind>', 'large or small (default: large)')
      .option('--seed <n>', 'picks one of the possible results', '0')
      .option('--device <name>', 'see dp-ir devices', 'cpu')
      .option('--threads <n>', 'CPU threads (default: all cores)')
      .option(
        '--tile <pixels>',
        "largest side of a tile of the networks' output (default: the pack)",
      )
      .option(
        '--region <pixels>',
        'largest side of what is restored at once (default: 4096 beyond 33554432 pixels)',
      )
      .option('--max-pixels <n>', 'most pixels of a result (default: 268435456)')
      .option('--beyond-training', 'allow a tau that the modules were not trained for')
      .option('--report-tiling', 'restore once more in one piece and print the difference'),
  run: async (context) => {
    const options = parseOptions(restoreOptions, context.options);
    const task = await taskOfOptions(options);
    const isBurst = taskOf(task).input.name === 'burst';
    const engine = createEngine();
    try {
      if (isBurst) return await restoreBurst(options, context, engine);
      refuseBurstOptions(options, task);
      return await restorePictures(options, context, engine);
    } finally {
      await engine.close();
    }
  },
};

async function restoreBurst(
  options: RestoreCliOptions,
  { report, signal }: CommandContext,
  engine: Engine,
): Promise<ExitCode> {
  const target = await burstTarget(options.input, options.output);
  const facts = await restoreBurstFiles(options.input, target.output, {
    ...(await burstRequest(options)),
    signal,
    engine,
    onProgress: followRestoration(target.input, report),
  });
  tell(target.output, { input: options.input, output: target.output }, options, facts, report);
  return exitCodes.done;
}

async function restorePictures(
  options: RestoreCliOptions,
  { report, signal }: CommandContext,
  engine: Engine,
): Promise<ExitCode> {
  const targets = await targetsOf(options.input, options.output);
  const request = await restoreRequest(options);
  let exitCode: ExitCode = exitCodes.done;
  for (const target of targets) {
    try {
      const onProgress = followRestoration(target.input, report);
      const call = { ...request, signal, engine, onProgress };
      const facts = await restoreFile(target.input, target.output, call);
      tell(target.output, target, options, facts, report);
    } catch (error) {
      if (targets.length === 1 || !isOfPicture(error)) throw error;
      report.failure(error);
      exitCode = exitCodes.failed;
    }
  }
  return exitCode;
}

function tell(
  name: string,
  target: { readonly input: string | readonly string[]; readonly output: string },
  options: RestoreCliOptions,
  facts: RestoreFacts,
  report: CommandContext['report'],
): void {
  if (facts.beyondTraining)
    report.warning(`tau ${facts.settings.tau} is beyond what the modules were trained for`);
  const repeated = repeatCommand(target, options, facts);
  report.result({ ...target, ...facts, command: repeated }, summary(name, facts));
}

/** Failures of one picture do not stop the others; those of the model or the call do. */
function isOfPicture(error: unknown): boolean {
  if (error instanceof CancelledError || !(error instanceof DpirError)) return false;
  return ['input', 'output', 'limit'].includes(error.kind);
}
