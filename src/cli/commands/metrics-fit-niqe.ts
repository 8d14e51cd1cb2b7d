import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { listImages } from '../../datasets/list-folder.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { decodeImage } from '../../images/decode.js';
import { encodeNaturalScenes, fitNaturalScenes } from '../../metrics/niqe.js';
import { CancelledError } from '../../utils/errors.js';
import { type CliCommand, exitCodes } from '../command.js';
import { parseOptions } from '../options.js';

const optionsSchema = z.object({
  input: z.string().min(1),
  output: z.string().min(1),
  name: z.string().min(1).optional(),
  provenance: z.string().min(1).optional(),
});

/** Fits the parameters of NIQE. */
export const command: CliCommand = {
  name: 'fit-niqe',
  configure: (command) =>
    command
      .description('fit the natural scenes of NIQE on a folder of undistorted photographs')
      .requiredOption('-i, --input <folder>', 'photographs at their full size')
      .requiredOption('-o, --output <file>', 'JSON to write, for dp-ir metrics --natural-scenes')
      .option(
        '--name <name>',
        'name of the parameters in results (default: the name of the folder)',
      )
      .option('--provenance <text>', 'where the photographs are from'),
  run: async ({ options, report, signal }) => {
    const {
      input,
      output,
      provenance,
      name = basename(resolve(input)),
    } = parseOptions(optionsSchema, options);
    const files = await listImages(input);
    const progress = report.progress('fitting', files.length);
    async function* photographs() {
      for (const [index, file] of files.entries()) {
        if (signal.aborted) throw new CancelledError('the fit');
        yield (await decodeImage(join(input, file))).tensor;
        progress.update(index + 1);
      }
    }
    const scenes = await fitNaturalScenes(photographs(), {
      name,
      ...(provenance === undefined ? {} : { provenance }),
    });
    await writeFileAtomic(output, new TextEncoder().encode(encodeNaturalScenes(scenes)));
    const { blocks } = scenes;
    report.result(
      { file: output, name, photographs: files.length, blocks },
      `${output}: ${name}, ${blocks} sharp blocks of ${files.length} photographs`,
    );
    return exitCodes.done;
  },
};
