import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import path from 'node:path';

export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a TypeScript program of src/cli in a process of its own. */
export function runProgram(
  file: string,
  argv: readonly string[],
  onStderr: (child: ChildProcess, stderr: string) => void = () => undefined,
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): Promise<ProgramResult> {
  const program = path.join(import.meta.dirname, '..', file);
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...argv], { stdio });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onStderr(child, stderr);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
