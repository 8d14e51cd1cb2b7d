import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execute, judged, type Step, type StepResult } from './step.js';

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/**
 * Tests beside the sources, counted one by one.
 * @param selection of vitest: projects or files; default: all, those that start processes last
 */
export function unitTests(name: string, selection: readonly string[] = []): Step {
  return { name, run: () => runVitest(selection) };
}

async function runVitest(selection: readonly string[]): Promise<StepResult> {
  const file = path.join(tmpdir(), `dp-ir-unit-tests-${process.pid}.json`);
  try {
    const argv = [
      'vitest',
      'run',
      ...selection,
      '--reporter=./scripts/progress-reporter.ts',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ];
    const { code, stdout, stderr } = await execute('npx', argv, { echo: true });
    const report = await readFile(file, 'utf8').catch(() => undefined);
    const counts = report === undefined ? { passed: 0, failed: 0 } : countTests(report);
    const details =
      report === undefined ? `${stdout}\n${stderr}` : `${failures(report)}\n${stderr}`;
    return judged({ ...counts, details }, code);
  } finally {
    await rm(file, { force: true });
  }
}

function failures(json: string): string {
  const { testResults } = JSON.parse(json) as VitestReport;
  return testResults
    .flatMap(({ name, message, assertionResults }) => [
      ...(message ? [`${name}: ${message}`] : []),
      ...assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) =>
          [`${name} > ${fullName}`, ...failureMessages].join('\n'),
        ),
    ])
    .join('\n\n');
}

/** Counts a vitest report; a test file that could not be loaded is one failure. */
export function countTests(json: string): Omit<StepResult, 'details'> {
  const report = JSON.parse(json) as VitestReport;
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloadable };
}
