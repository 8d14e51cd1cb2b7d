import { join } from 'node:path';
import { z } from 'zod';
import { type CliCommand, exitCodes } from '../../command.js';
import { parseOptions } from '../../options.js';

const schema = z.object({
  output: z.string().min(1, 'a file').optional(),
  json: z.boolean().default(false),
});

/** Makes a page of the course of training runs. */
export const command: CliCommand = {
  name: 'report',
  configure: (command) =>
    command
      .description('make an HTML page of training runs: curves, previews, recipes')
      .argument('<run...>', 'folders of runs, which may be going on')
      .option(
        '-o, --output <file>',
        'page to write (default: report.html in the folder of a single run, or here)',
      )
      .addHelpText(
        'after',
        '\nWith --json the figures are printed, one run a line, and no page is written.\n',
      ),
  run: async (context) => {
    const folders = context.arguments[0] as readonly string[];
    const place = folders.length === 1 ? join(folders[0]!, 'report.html') : 'report.html';
    const { output = place, json } = parseOptions(schema, context.options);
    const { readRun } = await import('../../../reports/run-record.js');
    const runs = await Promise.all(folders.map(readRun));
    if (json) {
      const { summarise } = await import('../../../reports/training-report.js');
      for (const run of runs) context.report.result(summarise(run), '');
      return exitCodes.done;
    }
    const { writeTrainingReport } = await import('../../../reports/training-report.js');
    await writeTrainingReport(output, runs);
    context.report.result({}, output);
    return exitCodes.done;
  },
};
