import { type Command, Option } from 'commander';
import { z } from 'zod';
import { readJson } from '../../../files/read-json.js';
import type { ModuleSource } from '../../../models/open-module.js';
import { findPack } from '../../../models/packs.js';
import type { TaskName } from '../../../restoration/index.js';
import {
  type OptionValues,
  pathOf,
  type RestoreOption,
  type RestoreOptionName,
  requestOf,
  restoreOptionRows,
  restoreOptions,
} from '../../../restore-files/options.js';
import { type BurstFilesRequest, DEFAULT_PACK } from '../../../restore-files/restore-request.js';
import { ParameterError } from '../../../utils/errors.js';
import { asFlag, bytesOption, type Flags, number } from '../../options.js';

/** How a command words options in its own way. */
export interface OptionTexts {
  readonly help?: Readonly<Partial<Record<RestoreOptionName, string>>>;
  /** What holds where an option is not given; default: as the table says. */
  readonly defaultText?: (name: RestoreOptionName) => string | undefined;
  readonly required?: readonly RestoreOptionName[];
}

/**
 * Adds flags of the table of restore options to a command.
 * @example
 * addRestoreOptions(command, ['model', 'steps', 'seed']);
 */
export function addRestoreOptions(
  command: Command,
  names: readonly RestoreOptionName[],
  { help = {}, defaultText, required = [] }: OptionTexts = {},
): Command {
  for (const name of names) {
    const row: RestoreOption = restoreOptions[name];
    const isRequired = required.includes(name);
    const usual = isRequired ? undefined : (defaultText?.(name) ?? defaultOf(row));
    const text = `${help[name] ?? row.help}${usual === undefined ? '' : ` (default: ${usual})`}`;
    const flags = `${asFlag(name)}${row.placeholder === undefined ? '' : ` ${row.placeholder}`}`;
    const option = new Option(flags, text).helpGroup(`${row.group}:`);
    command.addOption(isRequired ? option.makeOptionMandatory() : option);
  }
  return command;
}

function defaultOf(row: RestoreOption): string | undefined {
  if (row.defaultText !== undefined || row.default === undefined) return row.defaultText;
  if (row.placeholder === '<size>') return `${Number(row.default) / 2 ** 30}GiB`;
  return String(row.default);
}

/** Zod shape of options as typed: texts become the values that the table's schemas check. */
export function restoreShape<Name extends RestoreOptionName>(names: readonly Name[]) {
  const shape = Object.fromEntries(
    names.map((name) => [name, fromText(restoreOptions[name]).optional()]),
  );
  return shape as unknown as {
    [Key in Name]: z.ZodOptional<(typeof restoreOptions)[Key]['schema']>;
  };
}

function fromText({ schema, placeholder }: RestoreOption): z.ZodType {
  if (placeholder === '<size>') return bytesOption.pipe(schema as z.ZodType<number, number>);
  if (schema instanceof z.ZodNumber) return number.pipe(schema);
  if (schema instanceof z.ZodUnion)
    return z.preprocess(
      (text) => (typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : text),
      schema,
    );
  return schema;
}

/** The flags of options that have another name in the library, by that name. */
export function flagsByPath(names: readonly RestoreOptionName[]): Flags {
  return Object.fromEntries(names.map((name) => [pathOf(name), asFlag(name)]));
}

/** All options, in the order of the table. */
export const allOptions = restoreOptionRows.map(([name]) => name);

/** The options of one restoration that is looked at rather than written to image files. */
export const chainOptions = [
  ...(['task', 'model', 'reference', 'scale', 'frames'] as const),
  ...(['restorer', 'restorerContract', 'denoiser', 'denoiserContract', 'fusion'] as const),
  ...(['tau', 'steps', 'start', 'sampler', 'eta', 'variance', 'noiseLevel'] as const),
  ...(['consistency', 'detail', 'seed', 'device', 'threads', 'tile', 'maxPixels'] as const),
  'beyondTraining',
] as const satisfies readonly RestoreOptionName[];

/** Options of `dp-ir restore` once parsed. */
export const restoreSchema = z.object({
  input: z.array(z.string().min(1)).min(1),
  output: z.string().min(1),
  ...restoreShape(allOptions),
});

export type RestoreCliOptions = z.infer<typeof restoreSchema>;

/**
 * The request of the library for parsed options.
 * @throws ParameterError for a contract without its module or file, ModelError for a damaged one.
 */
export async function restoreRequest(options: OptionValues): Promise<BurstFilesRequest> {
  const source = async (role: 'restorer' | 'denoiser') => {
    const [file, contract] = [options[role], options[`${role}Contract`]];
    if (file !== undefined) return moduleSource(file, contract, `--${role}-contract`);
    if (contract === undefined) return undefined;
    throw new ParameterError(`--${role}-contract`, `a --${role} that it is for`, contract);
  };
  return requestOf({
    ...options,
    restorer: await source('restorer'),
    denoiser: await source('denoiser'),
  });
}

/**
 * A module as the command line names it: a file, or a stored model of the catalogue.
 * @param flag of the contract, for messages.
 * @throws ParameterError where there is no such contract, ModelError where it is wrong or a model
 * of the catalogue is not stored.
 */
export async function moduleSource(
  fileOrName: string,
  contract: string | undefined,
  flag: string,
): Promise<ModuleSource> {
  const { findEntry } = await import('../../../weights/catalogue/catalogue.js');
  let file = fileOrName;
  if (findEntry(fileOrName) !== undefined) {
    const { findModel } = await import('../../../models/export-model.js');
    const { storeFolder } = await import('../../../models/pull/pull-model.js');
    file = await findModel(fileOrName, storeFolder());
  }
  if (contract === undefined) return file;
  const json = await readJson(contract);
  if (json === undefined) throw new ParameterError(flag, 'a JSON file', contract);
  const { parseStatement } = await import('../../../weights/onnx/onnx-module.js');
  return { file, contract: parseStatement(json, contract) };
}

/**
 * Refuses options of other inputs.
 * @throws ParameterError
 */
export function requireOptionsOf(
  input: 'image file' | 'burst files',
  options: OptionValues,
  task: string,
): void {
  for (const [name, { inputs }] of restoreOptionRows) {
    const value = options[name];
    if (value === undefined || value === false || inputs.length === 0) continue;
    if (inputs.includes(input)) continue;
    const expected = input === 'image file' ? 'only with a burst' : 'only with images';
    throw new ParameterError(asFlag(name), expected, `${value} for ${task}`);
  }
}

/**
 * The task that is asked for, or else that of the pack.
 * @throws ModelError where the pack's manifest is damaged.
 */
export async function taskOfOptions({
  task,
  model,
}: Pick<RestoreCliOptions, 'task' | 'model'>): Promise<TaskName> {
  if (task !== undefined) return task;
  const found = model === undefined ? undefined : await findPack(model);
  return found?.manifest.task ?? DEFAULT_PACK;
}
