import { z } from 'zod';
import { fileOf } from '../../../models/open-module.js';
import { writePack } from '../../../models/write-pack.js';
import { type ProbeReport, taskOf, tasks } from '../../../restoration/index.js';
import { DEFAULT_TASK, taskNames } from '../../../restoration/task-names.js';
import { restoreOptions } from '../../../restore-files/options.js';
import { type CliCommand, exitCodes } from '../../command.js';
import { bytesOption, defined, number, parseOptions, positive, whole } from '../../options.js';
import { addRestoreOptions, moduleSource, restoreShape } from '../restore/restore-options.js';
import { probeText } from './inspect.js';

const moduleNames = [
  ...(['restorer', 'restorerContract', 'denoiser', 'denoiserContract', 'fusion'] as const),
] as const;
const chainNames = [
  ...(['tau', 'steps', 'start', 'sampler', 'eta', 'variance', 'noiseLevel'] as const),
  ...(['consistency', 'detail'] as const),
] as const;

const optionsSchema = z.object({
  output: z.string().min(1),
  name: z.string().min(1),
  task: z.enum(taskNames),
  ...restoreShape([...moduleNames, ...chainNames]),
  ...{ restorer: z.string().min(1), denoiser: z.string().min(1), fusion: z.string().min(1) },
  tMax: positive.pipe(restoreOptions.tau.schema),
  revision: positive.optional(),
  tile: whole(64).pipe(z.int().max(16384)),
  half: z.boolean().default(false),
  sharedDenoiser: z.boolean().default(false),
  description: z.string().optional(),
  memory: bytesOption.optional(),
  timeout: number.pipe(z.number().positive()).optional(),
});

const titles = Object.entries(tasks).map(([name, { title }]) => `${name}: ${title}`);

/** Assembles a pack from three modules. */
export const command: CliCommand = {
  name: 'pack',
  configure: (command) =>
    addRestoreOptions(
      command
        .requiredOption('-o, --output <folder>', 'folder of the pack')
        .requiredOption('--name <name>', 'name of the pack')
        .option('--revision <n>', 'number of this state of the pack (default: 1)')
        .requiredOption('--t-max <t>', 'largest t that the modules were trained for')
        .option('--task <task>', titles.join('; '), DEFAULT_TASK)
        .option('--tile <pixels>', 'largest side of a tile of the result', '1536')
        .option('--half', 'store weights in half precision')
        .option(
          '--shared-denoiser',
          "leave the denoiser where it is, in a folder beside the pack's",
        )
        .option('--description <text>', 'one sentence on what the pack is for')
        .option('--memory <size>', 'most memory that probing an ONNX file may take (default: 4GiB)')
        .option('--timeout <seconds>', 'most time that probing one may take (default: 600)'),
      [...moduleNames, ...chainNames],
      {
        required: ['restorer', 'denoiser', 'fusion'],
        help: {
          restorer: 'weights of the restoration network, or an ONNX file',
          denoiser: 'weights of the denoiser, or an ONNX file',
          fusion: 'weights of the fusion network',
        },
        defaultText: (name) => (name === 'tau' || name === 'steps' ? "the paper's" : undefined),
      },
    ),
  run: async ({ options, report, signal }) => {
    const { output, name, task, tile, tMax, half, sharedDenoiser, ...own } = parseOptions(
      optionsSchema,
      options,
    );
    const paper = taskOf(task).sampler;
    const tau = own.tau ?? paper.tau;
    const source = (role: 'restorer' | 'denoiser') =>
      moduleSource(own[role], own[`${role}Contract`], `--${role}-contract`);
    const probes: Partial<Record<string, ProbeReport>> = {};
    const files = {
      restorer: await source('restorer'),
      denoiser: await source('denoiser'),
      fusion: own.fusion,
    };
    const manifest = await writePack(
      output,
      {
        ...{ name, task, tile, tMax, half, sharedDenoiser, files },
        sampler: {
          ...{ tau, steps: own.steps ?? Math.min(tau, paper.steps) },
          ...defined({
            ...{ start: own.start, sampler: own.sampler, eta: own.eta, variance: own.variance },
            noiseLevel: own.noiseLevel,
          }),
        },
        ...(own.consistency === undefined && own.detail === undefined
          ? {}
          : { result: defined({ consistency: own.consistency, detail: own.detail }) }),
        ...(own.revision === undefined ? {} : { revision: own.revision }),
        ...(own.description === undefined ? {} : { description: own.description }),
        onProbe: (role, probe) => {
          probes[role] = probe;
          report.message(probeText(fileOf(files[role]), probe));
        },
      },
      { signal, memory: own.memory, timeout: own.timeout },
    );
    const found = Object.keys(probes).length === 0 ? {} : { probes };
    report.result({ output, manifest, ...found }, `${output}: pack ${manifest.name}`);
    return exitCodes.done;
  },
};
