import type { CliCommand } from './command.js';
import { exitCodes } from './exit-codes.js';
import { runCli } from './run.js';

/**
 * Runs the program in this process: arguments and streams of the process, its exit code, and its
 * signals. The first SIGINT or SIGTERM asks the command to stop, the second ends the process.
 */
export async function start(commands: readonly CliCommand[]): Promise<void> {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
      process.stderr.write(`\n${name}: stopping; once more to stop at once\n`);
      interruption.abort();
    });

  // A reader that stops reading, such as `head`, ends the program without a complaint.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
    throw error;
  });

  process.exitCode = await runCli(commands, process.argv.slice(2), process, interruption.signal);
}
