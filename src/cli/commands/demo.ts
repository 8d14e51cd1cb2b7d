import { z } from 'zod';
import type { RestoreProgress } from '../../restoration/index.js';
import { DEFAULT_PACK } from '../../restore-files/restore-request.js';
import { type CliCommand, exitCodes } from '../command.js';
import { type DemoReport, runDemo } from '../demo/demo.js';
import { parseOptions } from '../options.js';
import type { Report } from '../report.js';
import { addRestoreOptions, flagsByPath, restoreShape } from './restore/restore-options.js';

const names = ['model', 'steps', 'seed', 'device'] as const;
const optionsSchema = z.object({
  output: z.string().min(1),
  ...restoreShape(names),
});

/** Restores a photograph and writes a page that compares before and after. */
export const command: CliCommand = {
  name: 'demo',
  flags: flagsByPath(names),
  configure: (command) =>
    addRestoreOptions(
      command
        .argument(
          '[image]',
          'a photograph (default: a sample); large ones are reduced by 4 first, to measure the result',
        )
        .option('-o, --output <folder>', 'folder for images and page', 'demo-output'),
      names,
      { defaultText: (name) => (name === 'model' ? DEFAULT_PACK : undefined) },
    ),
  run: async ({ arguments: [image], options, report, signal }) => {
    const { output, model, steps, seed, device } = parseOptions(optionsSchema, options);
    report.message(`restoring ${image ?? 'the sample photograph'}`);
    let progress: ReturnType<Report['progress']> | undefined;
    const result = await runDemo({
      image: image as string | undefined,
      output,
      ...{ pack: model ?? DEFAULT_PACK, steps, seed, device },
      signal,
      onProgress: ({ done, total, phase }: RestoreProgress) => {
        progress ??= report.progress('demo', total);
        progress.update(done, phase);
      },
    });
    if (result.facts.beyondTraining)
      report.warning(
        `tau ${result.facts.settings.tau} is beyond what the modules were trained for`,
      );
    report.result(result, describe(result));
    return exitCodes.done;
  },
};

function describe({ page, history, facts, versions }: DemoReport): string {
  const { device, seconds, settings, nfe, seed, width, height } = facts;
  const measured = versions.flatMap(({ name, measures }) =>
    measures === undefined
      ? []
      : [
          `${name.padEnd(10)}${measures.psnr.toFixed(2).padStart(8)}${measures.logSpectral.toFixed(2).padStart(15)}`,
        ],
  );
  const heading =
    measured.length === 0
      ? []
      : [`${''.padEnd(10)}${'PSNR dB'.padStart(8)}${'spectrum dB'.padStart(15)}`];
  return [
    ...history,
    `${width}x${height} in ${seconds.toFixed(1)} s on ${device.effective} (${device.threads} threads),` +
      ` tau ${settings.tau}, ${settings.steps} steps (${settings.sampler}, NFE ${nfe}), seed ${seed}`,
    ...heading,
    ...measured,
    `page: ${page}`,
  ].join('\n');
}
