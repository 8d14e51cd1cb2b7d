import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execute, judged, type Step, type StepResult } from './step.js';

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

/** All tests beside the sources, counted one by one. */
export const unitTests: Step = {
  name: 'unit tests',
  async run() {
    const file = path.join(tmpdir(), `dp-ir-unit-tests-${process.pid}.json`);
    try {
      const { code, stdout, stderr } = await execute('npx', [
        'vitest',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${file}`,
      ]);
      const details = `${stdout}\n${stderr}`;
      const report = await readFile(file, 'utf8').catch(() => undefined);
      const counts = report === undefined ? { passed: 0, failed: 0 } : countTests(report);
      return judged({ ...counts, details }, code);
    } finally {
      await rm(file, { force: true });
    }
  },
};

/** Counts a vitest report; a test file that could not be loaded is one failure. */
export function countTests(json: string): Omit<StepResult, 'details'> {
  const report = JSON.parse(json) as VitestReport;
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloadable };
}
