import { CommanderError } from 'commander';
import { type CommandEntry, type ExitCode, exitCodes } from './command.js';
import { createProgram } from './program.js';
import { Report, type Streams, unforeseen } from './report.js';

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

/**
 * Runs the program in this process: arguments and streams of the process, its exit code, and its
 * signals. The first SIGINT, SIGTERM or SIGHUP asks the command to stop; a SIGINT or SIGTERM after
 * that ends the process. A SIGHUP never does, since a terminal that closes sends several.
 */
export async function start(commands: readonly CommandEntry[]): Promise<void> {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      if (interruption.signal.aborted) {
        if (name !== 'SIGHUP') process.exit(exitCodes.interrupted);
        return;
      }
      process.stderr.write(`\n${name}: stopping; once more to stop at once\n`);
      interruption.abort();
    });

  // Whatever becomes of what it says, a command does its work to the end.
  let lost: NodeJS.ErrnoException | undefined;
  process.stdout.on('error', (error) => {
    lost ??= error;
  });
  process.stderr.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    process.stderr.write(`error: ${unforeseen(error)}\n`);
    process.exit(exitCodes.failed);
  });

  const { stdout, stderr } = process;
  const streams = {
    stderr,
    stdout: {
      write: (text: string) => lost === undefined && stdout.write(text),
      isTTY: stdout.isTTY,
      get columns() {
        return stdout.columns;
      },
    },
  };
  let exitCode = await runCli(commands, process.argv.slice(2), streams, interruption.signal);
  await new Promise<void>((resolve) => stdout.write('', () => resolve()));
  // A reader that stops reading, such as `head`, has what it wanted; one that cannot take it has not.
  if (lost !== undefined && lost.code !== 'EPIPE') {
    const { whyUnwritable } = await import('../files/write-atomic.js');
    stderr.write(`error: standard output: cannot be written: ${whyUnwritable(lost)}\n`);
    if (exitCode === exitCodes.done) exitCode = exitCodes.failed;
  }
  process.exitCode = exitCode;
}
