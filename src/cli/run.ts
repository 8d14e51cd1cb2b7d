import { CommanderError } from 'commander';
import { type CommandEntry, type ExitCode, exitCodes } from './command.js';
import { createProgram } from './program.js';
import { Report, type Streams } from './report.js';

/**
 * Runs `dp-ir` on the arguments after the program's name.
 * @returns the exit code; every error has been reported by then
 */
export async function runCli(
  commands: readonly CommandEntry[],
  argv: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const program = await createProgram(
    commands,
    argv,
    streams,
    async (command, { flags, ...parsed }) => {
      const report = new Report(streams, parsed.options, flags);
      try {
        exitCode = await command.run!({ ...parsed, report, signal });
      } catch (error) {
        exitCode = report.failure(error);
        // An interrupted command may fail in other ways, such as by the death of its children.
        if (signal.aborted) exitCode = exitCodes.interrupted;
      }
    },
  );
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return usageExit(error, argv, streams);
  }
  return exitCode;
}

/** Commander has printed its message already; help and version that were asked for are no errors. */
function usageExit(error: CommanderError, argv: readonly string[], streams: Streams): ExitCode {
  if (error.exitCode === 0) return exitCodes.done;
  if (argv.includes('--json')) {
    const message = error.message.replace(/^error: /, '');
    const failure = { kind: 'usage', message, exitCode: exitCodes.usage };
    streams.stdout.write(`${JSON.stringify({ error: failure })}\n`);
  }
  return exitCodes.usage;
}
