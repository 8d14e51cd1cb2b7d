import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CliCommand, CommandContext, CommandEntry, LazyCommand } from './command.js';
import { type Flags, flagsOf } from './options.js';
import type { Streams } from './report.js';

/** A parsed command line, and the flags of its options. */
export interface Parsed extends Pick<CommandContext, 'arguments' | 'options'> {
  readonly flags: Flags;
}

/** Runs a command of the program with the parsed command line. */
export type Runner = (command: CliCommand, parsed: Parsed) => Promise<void>;

/**
 * The commander program of `dp-ir`; it throws where it would exit. Only the command that `argv`
 * names is loaded and configured, since each brings a part of the library with it.
 * @param argv arguments after the program's name.
 */
export async function createProgram(
  commands: readonly CommandEntry[],
  argv: readonly string[],
  streams: Streams,
  run: Runner,
): Promise<Command> {
  const program = new Command('dp-ir')
    .description('Image restoration by modular conditional diffusion (DP-IR)')
    .version(packageVersion())
    .option('--json', 'print results as JSON lines')
    .option('--quiet', 'print neither messages nor progress')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
    })
    .exitOverride();
  const words = argv.filter((word) => !word.startsWith('-') && word !== 'help');
  for (const command of commands) await addCommand(program, command, words, run);
  return program;
}

async function addCommand(
  parent: Command,
  entry: CommandEntry,
  [word, ...words]: readonly string[],
  run: Runner,
): Promise<void> {
  const command = parent.command(entry.name);
  if ('load' in entry) command.description(entry.description);
  if (word !== entry.name && 'load' in entry) return;
  const definition = 'load' in entry ? (await entry.load()).command : entry;
  definition.configure?.(command);
  for (const subcommand of definition.subcommands ?? [])
    await addCommand(command, subcommand, words, run);
  if (definition.run === undefined) return;
  command.action(async () => {
    await run(definition, {
      arguments: command.processedArgs,
      options: command.optsWithGlobals(),
      flags: flagsOf(command, definition.flags),
    });
  });
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Every command of `dp-ir`, in the order in which help lists them. */
export const commands: readonly LazyCommand[] = [
  {
    name: 'restore',
    description: 'restore images with a pack: restoration network, denoiser and fusion network',
    load: () => import('./commands/restore/restore.js'),
  },
  {
    name: 'demo',
    description: 'restore a sample or a photograph, and write a page that compares the results',
    load: () => import('./commands/demo.js'),
  },
  {
    name: 'train',
    description: 'train a module on a folder of photographs',
    load: () => import('./commands/train/train.js'),
  },
  {
    name: 'trajectory',
    description: 'show on an HTML page how a result evolves, step by step',
    load: () => import('./commands/trajectory.js'),
  },
  {
    name: 'evaluate',
    description: 'measure methods on data sets; existing measurements are reused',
    load: () => import('./commands/evaluate.js'),
  },
  {
    name: 'metrics',
    description: 'measure the quality of images, with or without their targets',
    load: () => import('./commands/metrics.js'),
  },
  {
    name: 'cost',
    description: 'count parameters, multiply-adds and memory of a pack or network, or time it',
    load: () => import('./commands/cost.js'),
  },
  {
    name: 'data',
    description: 'check data sets and make synthetic test sets',
    load: () => import('./commands/data.js'),
  },
  {
    name: 'models',
    description: 'work with packs, their modules and published weights',
    load: () => import('./commands/models/index.js'),
  },
  {
    name: 'devices',
    description: 'list the devices that networks can run on, and whether each works here',
    load: () => import('./commands/devices.js'),
  },
];
