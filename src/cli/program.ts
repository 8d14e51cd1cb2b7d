import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CliCommand, CommandContext } from './command.js';
import { command as cost } from './commands/cost.js';
import { command as data } from './commands/data.js';
import { command as demo } from './commands/demo.js';
import { command as devices } from './commands/devices.js';
import { command as evaluate } from './commands/evaluate.js';
import { command as metrics } from './commands/metrics.js';
import { command as models } from './commands/models/index.js';
import { command as restore } from './commands/restore/restore.js';
import { command as train } from './commands/train/train.js';
import { command as trajectory } from './commands/trajectory.js';
import { type Flags, flagsOf } from './options.js';
import type { Streams } from './report.js';

/** What was read from the command line, and how options are written there. */
export interface Parsed extends Pick<CommandContext, 'arguments' | 'options'> {
  readonly flags: Flags;
}

/** Runs a command of the program with what was read from the command line. */
export type Runner = (command: CliCommand, parsed: Parsed) => Promise<void>;

/** The commander program of `dp-ir` with all its commands; it throws where it would exit. */
export function createProgram(
  commands: readonly CliCommand[],
  streams: Streams,
  run: Runner,
): Command {
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
  for (const command of commands) addCommand(program, command, run);
  return program;
}

function addCommand(parent: Command, definition: CliCommand, run: Runner): void {
  const command = parent.command(definition.name);
  definition.configure(command);
  for (const subcommand of definition.subcommands ?? []) addCommand(command, subcommand, run);
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
export const commands: readonly CliCommand[] = [
  restore,
  demo,
  train,
  trajectory,
  evaluate,
  metrics,
  cost,
  data,
  models,
  devices,
];
