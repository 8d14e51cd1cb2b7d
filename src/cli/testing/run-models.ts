import { command } from '../commands/models/index.js';
import { runCli } from '../run.js';

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The results under `--json`, one after another. */
  readonly results: Record<string, unknown>[];
}

/** Runs `dp-ir models` with these arguments in this process. */
export async function runModels(...argv: string[]): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof said) => ({
    write: (text: string) => {
      said[name] += text;
    },
  });
  const streams = { stdout: stream('stdout'), stderr: stream('stderr') };
  const signal = new AbortController().signal;
  const code = await runCli([command], ['models', ...argv], streams, signal);
  const lines = argv.includes('--json') ? said.stdout.trim().split('\n') : [];
  return { code, ...said, results: lines.map((line) => JSON.parse(line)) };
}
