import type { CommandEntry } from '../command.js';
import { runCli } from '../run.js';

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program with some of its commands in this process; engines have their own all the same. */
export async function runCommands(
  commands: readonly CommandEntry[],
  argv: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof said) => ({
    write: (text: string) => {
      said[name] += text;
    },
  });
  const streams = { stdout: stream('stdout'), stderr: stream('stderr') };
  const code = await runCli(commands, argv, streams, signal);
  return { code, ...said };
}
