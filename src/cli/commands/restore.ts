import { restoreFile } from '../../app/restore.js';
import { createEngine, type Engine } from '../../engine/index.js';
import { CancelledError, DpirError, ParameterError } from '../../tensor/errors.js';
import type { CliCommand, CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { CONTRACT_HELP, moduleSource } from '../models/module-source.js';
import { parseOptions } from '../options.js';
import { followRestoration } from '../restore/follow-restoration.js';
import { repeatCommand } from '../restore/repeat-command.js';
import { type RestoreCliOptions, restoreOptions } from '../restore/restore-options.js';
import { type Target, targetsOf } from '../restore/targets.js';
import { summary } from '../restore/texts.js';

/** Restores picture files. */
export const command: CliCommand = {
  name: 'restore',
  configure: (command) =>
    command
      .description('restore pictures with a pack: restoration network, denoiser and fusion network')
      .requiredOption('-i, --input <file...>', 'pictures to restore')
      .requiredOption('-o, --output <file>', 'result; a folder where there are several pictures')
      .option('--task <task>', 'sr4: super-resolution by 4; deblur (default: that of the pack)')
      .option(
        '--model <pack>',
        'folder of a pack, or the name of a shipped one (default: the task, or sr4)',
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
      .option('--tile <pixels>', 'largest side of a tile of the result (default: the pack)')
      .option('--max-pixels <n>', 'most pixels of a result (default: 67108864)')
      .option('--beyond-training', 'allow a tau that the modules were not trained for')
      .option('--report-tiling', 'restore once more in one piece and print the difference'),
  run: async (context) => {
    const options = parseOptions(restoreOptions, context.options);
    const targets = await targetsOf(options.input, options.output);
    const engine = createEngine();
    let exitCode: ExitCode = exitCodes.done;
    try {
      for (const target of targets) {
        try {
          await restoreOne(target, options, context, engine);
        } catch (error) {
          if (targets.length === 1 || !isOfPicture(error)) throw error;
          context.report.failure(error);
          exitCode = exitCodes.failed;
        }
      }
    } finally {
      await engine.close();
    }
    return exitCode;
  },
};

async function restoreOne(
  target: Target,
  options: RestoreCliOptions,
  { report, signal }: CommandContext,
  engine: Engine,
): Promise<void> {
  const { input: _inputs, output: _output, task, model, beyondTraining, ...more } = options;
  const { restorer: _restorer, denoiser: _denoiser, fusion, ...rest } = more;
  const { restorerContract, denoiserContract, ...settings } = rest;
  const source = async (role: 'restorer' | 'denoiser', contract: string | undefined) => {
    const file = options[role];
    if (file !== undefined) return moduleSource(file, contract, `--${role}-contract`);
    if (contract === undefined) return undefined;
    throw new ParameterError(`--${role}-contract`, `a --${role} that it is for`, contract);
  };
  const facts = await restoreFile(target.input, target.output, {
    ...settings,
    pack: model ?? task,
    task,
    modules: {
      restorer: await source('restorer', restorerContract),
      denoiser: await source('denoiser', denoiserContract),
      fusion,
    },
    allowBeyondTraining: beyondTraining,
    signal,
    engine,
    onProgress: followRestoration(target.input, report),
  });
  if (facts.beyondTraining)
    report.warning(`tau ${facts.settings.tau} is beyond what the modules were trained for`);
  const repeated = repeatCommand(target, options, facts);
  report.result({ ...target, ...facts, command: repeated }, summary(target.output, facts));
}

/** Failures of one picture do not stop the others; those of the model or the call do. */
function isOfPicture(error: unknown): boolean {
  if (error instanceof CancelledError || !(error instanceof DpirError)) return false;
  return ['input', 'output', 'limit'].includes(error.kind);
}
