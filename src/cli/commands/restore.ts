import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { z } from 'zod';
import { restoreFile } from '../../app/restore.js';
import type { RestoreFacts } from '../../app/restore-job.js';
import { createEngine } from '../../engine/index.js';
import type { RestoreProgress } from '../../restoration/index.js';
import { CancelledError, DpirError, ParameterError } from '../../tensor/errors.js';
import type { CliCommand } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { parseOptions } from '../options.js';
import type { Report } from '../report.js';

const whole = z.coerce.number().pipe(z.int());
const optionsSchema = z.object({
  input: z.array(z.string().min(1)).min(1),
  output: z.string().min(1),
  task: z.enum(['sr4']).default('sr4'),
  model: z.string().min(1).optional(),
  steps: whole.pipe(z.int().min(1)).optional(),
  tau: whole.pipe(z.int().min(1)).optional(),
  start: z.enum(['accelerated', 'noised', 'full']).optional(),
  sampler: z.enum(['ancestral', 'ddim']).optional(),
  eta: z.coerce.number().min(0).max(1).optional(),
  variance: z.enum(['large', 'small']).optional(),
  seed: whole.pipe(z.int().min(0)).default(0),
  device: z.string().min(1).default('cpu'),
  threads: whole.pipe(z.int().min(1)).optional(),
  tile: whole.pipe(z.int().min(1)).optional(),
  maxPixels: whole.pipe(z.int().min(1)).optional(),
  beyondTraining: z.boolean().default(false),
  reportTiling: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

/** Restores picture files. */
export const command: CliCommand = {
  name: 'restore',
  configure: (command) =>
    command
      .description('restore pictures with a pack: restoration network, denoiser and fusion network')
      .requiredOption('-i, --input <file...>', 'pictures to restore')
      .requiredOption('-o, --output <file>', 'result; a folder where there are several pictures')
      .option('--task <task>', 'sr4: super-resolution by 4', 'sr4')
      .option(
        '--model <pack>',
        'folder of a pack, or the name of a shipped one (default: the task)',
      )
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
  run: async ({ options, report, signal }) => {
    const parsed = parseOptions(optionsSchema, options);
    const targets = await outputsFor(parsed);
    const engine = createEngine();
    let exitCode: ExitCode = exitCodes.done;
    try {
      for (const [input, output] of targets) {
        try {
          const facts = await restoreOne(input, output, parsed, report, signal, engine);
          const line = {
            input,
            output,
            ...facts,
            command: repeatCommand(input, output, parsed, facts),
          };
          report.result(line, describe(output, facts));
        } catch (error) {
          if (targets.length === 1 || error instanceof CancelledError || !isOfPicture(error))
            throw error;
          report.failure(error);
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
  input: string,
  output: string,
  options: Options,
  report: Report,
  signal: AbortSignal,
  engine: ReturnType<typeof createEngine>,
): Promise<RestoreFacts> {
  const { tau, steps, start, sampler, eta, variance, seed, device, threads, tile, maxPixels } =
    options;
  let progress: ReturnType<Report['progress']> | undefined;
  const facts = await restoreFile(input, output, {
    pack: options.model ?? options.task,
    tau,
    steps,
    start,
    sampler,
    eta,
    variance,
    seed,
    device,
    threads,
    tile,
    maxPixels,
    allowBeyondTraining: options.beyondTraining,
    reportTiling: options.reportTiling,
    signal,
    engine,
    onProgress: ({ done, total, phase }: RestoreProgress) => {
      progress ??= report.progress(basename(input), total);
      progress.update(done, phase);
    },
  });
  progress?.clear();
  if (facts.beyondTraining)
    report.warning(`tau ${facts.settings.tau} is beyond what the modules were trained for`);
  return facts;
}

/** Pairs of input and output; several pictures go into a folder, as PNG or in their own format. */
async function outputsFor({ input, output }: Options): Promise<[string, string][]> {
  const folder = await stat(output).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!folder) {
    if (input.length > 1)
      throw new ParameterError('--output', 'an existing folder for several pictures', output);
    return [[input[0]!, output]];
  }
  const pairs = input.map((path): [string, string] => {
    const kept = /\.(png|tiff?|webp|avif|jpe?g)$/i.test(path) ? extname(path) : '.png';
    return [path, join(output, `${basename(path, extname(path))}${kept}`)];
  });
  const names = pairs.map(([, target]) => target);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ParameterError('--input', 'pictures of different names', basename(twice));
  return pairs;
}

/** Failures of one picture do not stop the others; failures of the model or the call do. */
function isOfPicture(error: unknown): boolean {
  return error instanceof DpirError && ['input', 'output', 'limit'].includes(error.kind);
}

function describe(output: string, facts: RestoreFacts): string {
  const { width, height, settings, nfe, device, seconds, seed, tiles, tiling } = facts;
  const lines = [
    `${output}: ${width}x${height} in ${seconds.toFixed(1)} s on ${device.effective}` +
      ` (${device.threads} threads), tau ${settings.tau}, ${settings.steps} steps` +
      ` (${settings.sampler}, NFE ${nfe}), seed ${seed}, ${tiles} tile${tiles === 1 ? '' : 's'}`,
  ];
  if (tiling !== undefined)
    lines.push(
      `tiled against whole: largest difference ${(tiling.maximum * 255).toFixed(4)},` +
        ` rms ${(tiling.rms * 255).toFixed(5)} of 255`,
    );
  return lines.join('\n');
}

/** The command that gives the same bytes again, with nothing left to defaults. */
function repeatCommand(
  input: string,
  output: string,
  { model, task, device, beyondTraining }: Options,
  { settings, seed, tile }: RestoreFacts,
): string {
  const words = ['dp-ir', 'restore', '-i', input, '-o', output, '--model', model ?? task];
  words.push('--tau', String(settings.tau), '--steps', String(settings.steps));
  words.push('--start', settings.start, '--sampler', settings.sampler);
  if (settings.sampler === 'ddim') words.push('--eta', String(settings.eta));
  words.push('--variance', settings.variance, '--seed', String(seed));
  words.push('--device', device, '--tile', String(tile));
  if (beyondTraining) words.push('--beyond-training');
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
