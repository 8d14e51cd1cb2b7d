import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a step of the test run found. */
export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  /** What a reader needs to mend it; shown where something failed. */
  readonly details: string;
}

export interface Step {
  readonly name: string;
  run(): Promise<StepResult>;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const repository = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program to its end without a terminal. */
export function execute(
  program: string,
  argv: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    /** Copies standard output to the terminal as it comes. */
    readonly echo?: boolean;
  } = {},
): Promise<CommandResult> {
  const child = spawn(program, argv, {
    cwd: options.cwd ?? repository,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (options.echo) process.stdout.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: stderr + error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** A step of several commands, each one check that passes where its exit code is 0. */
export function commands(name: string, lines: readonly (readonly string[])[]): Step {
  return {
    name,
    async run() {
      let passed = 0;
      const details: string[] = [];
      for (const [program, ...argv] of lines) {
        const { code, stdout, stderr } = await execute(program!, argv);
        if (code === 0) passed++;
        else details.push(`$ ${[program, ...argv].join(' ')}`, stdout, stderr);
      }
      return { passed, failed: lines.length - passed, details: details.join('\n') };
    },
  };
}

/**
 * Adds what the counts alone miss: a program that failed without a failed check, and one that
 * checked nothing.
 */
export function judged(result: StepResult, code: number): StepResult {
  if (result.failed > 0 || (code === 0 && result.passed > 0)) return result;
  const reason = code === 0 ? 'nothing was checked' : `the program ended with ${code}`;
  return { ...result, failed: 1, details: `${reason}\n${result.details}` };
}
