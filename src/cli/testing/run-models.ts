import { command } from '../commands/models/index.js';
import { runCommands, type Said } from './run-commands.js';

/** What a command said, with its results under `--json`, one after another. */
export interface SaidModels extends Said {
  readonly results: Record<string, unknown>[];
}

/** Runs `dp-ir models` with these arguments in this process. */
export async function runModels(...argv: string[]): Promise<SaidModels> {
  const said = await runCommands([command], ['models', ...argv]);
  const lines = argv.includes('--json') ? said.stdout.trim().split('\n') : [];
  return { ...said, results: lines.map((line) => JSON.parse(line)) };
}
