import type { Reporter, TestModule, TestSpecification } from 'vitest/node';

/** Least time between two lines, in milliseconds. */
const INTERVAL = 5000;

/** Prints a line every few seconds: files and tests that ended, failures, and the time left. */
export default class ProgressReporter implements Reporter {
  #files = 0;
  #ended = 0;
  #passed = 0;
  #failed = 0;
  #started = 0;
  #printed = 0;

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#files = specifications.length;
    this.#started = this.#printed = performance.now();
  }

  onTestModuleEnd(module: TestModule): void {
    this.#ended += 1;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') this.#passed += 1;
      if (state !== 'failed') continue;
      this.#failed += 1;
      console.log(`failed: ${module.relativeModuleId} > ${test.fullName}`);
    }
    const now = performance.now();
    if (now - this.#printed < INTERVAL && this.#ended < this.#files) return;
    this.#printed = now;
    const left = ((now - this.#started) / this.#ended) * (this.#files - this.#ended);
    console.log(
      `${this.#ended} of ${this.#files} test files, ${this.#passed} tests passed, ` +
        `${this.#failed} failed, ${duration(left)} left`,
    );
  }
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
