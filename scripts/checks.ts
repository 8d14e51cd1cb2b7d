import { execute, type StepResult } from './step.js';

/** Named checks run one after another; a failed one does not stop those that follow. */
export class Checks {
  #passed = 0;
  readonly #failures: string[] = [];

  /**
   * Runs a check that fails by throwing.
   * @returns what the check returned, undefined where it failed
   */
  async run<Result>(name: string, check: () => Promise<Result>): Promise<Result | undefined> {
    try {
      const result = await check();
      this.#passed++;
      return result;
    } catch (error) {
      this.#failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** Runs a program that passes where it exits with `code`. */
  async program(
    name: string,
    program: string,
    argv: readonly string[],
    options: { readonly cwd?: string; readonly code?: number } = {},
  ): Promise<string | undefined> {
    return this.run(name, async () => {
      const expected = options.code ?? 0;
      const { code, stdout, stderr } = await execute(
        program,
        argv,
        options.cwd === undefined ? {} : { cwd: options.cwd },
      );
      if (code !== expected)
        throw new Error(`exit code ${code}, expected ${expected}\n${stdout}\n${stderr}`);
      return stdout;
    });
  }

  result(): StepResult {
    return {
      passed: this.#passed,
      failed: this.#failures.length,
      details: this.#failures.join('\n'),
    };
  }
}
