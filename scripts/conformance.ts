import { execute, judged, type Step, type StepResult } from './step.js';

/** The reference outputs that ship with the sources, one check per case. */
export const conformance: Step = {
  name: 'conformance',
  async run() {
    const { code, stdout, stderr } = await execute('npm', [
      'run',
      '--silent',
      'conformance',
      '--',
      'conformance',
    ]);
    return judged({ ...countCases(stdout), details: `${stdout}\n${stderr}` }, code);
  },
};

/** Counts lines of the form `PASS|FAIL|SKIP name ...`; a case that is skipped counts as neither. */
export function countCases(output: string): Omit<StepResult, 'details'> {
  const count = (verdict: string) =>
    output.split('\n').filter((line) => line.startsWith(`${verdict} `)).length;
  return { passed: count('PASS'), failed: count('FAIL') };
}
