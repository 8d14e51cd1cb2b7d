import type { CliCommand } from './command.js';
import { exitCodes } from './exit-codes.js';
import { runCli } from './run.js';

/**
 * Runs the program in this process: arguments and streams of the process, its exit code, and its
 * signals. The first SIGINT, SIGTERM or SIGHUP asks the command to stop; a SIGINT or SIGTERM after
 * that ends the process. A SIGHUP never does, since a terminal that closes sends several.
 */
export async function start(commands: readonly CliCommand[]): Promise<void> {
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

  // A reader that stops reading, such as `head`, ends the program without a complaint. A terminal
  // that has closed must not keep a command from saving what it has.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (interruption.signal.aborted) return;
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
    throw error;
  });
  process.stderr.on('error', () => undefined);

  process.exitCode = await runCli(commands, process.argv.slice(2), process, interruption.signal);
}
