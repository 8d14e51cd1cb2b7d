import { conformance } from './conformance.js';
import { packageChecks } from './package-checks.js';
import { commands, type Step, type StepResult } from './step.js';
import { unitTests } from './unit-tests.js';

/** `npm run check`: what a minute allows. */
const isQuick = process.argv.includes('--quick');
const sources: readonly Step[] = [
  commands('types', [
    ['npx', 'tsc', '--noEmit'],
    ['npx', 'tsc', '-p', 'tsconfig.core.json'],
  ]),
  commands('lint and format', [['npx', 'biome', 'ci', '--colors=off', '.']]),
  commands('room directions', [['npx', 'tsx', 'scripts/check-rooms.ts']]),
];
const steps: readonly Step[] = isQuick
  ? [...sources, unitTests('quick tests', ['--project', 'quick'])]
  : [
      ...sources,
      commands('browser bundle', [['npx', 'tsx', 'scripts/check-browser.ts']]),
      unitTests('unit tests'),
      conformance,
      packageChecks,
    ];

const total = { passed: 0, failed: 0 };
for (const step of steps) {
  const start = performance.now();
  const result = await attempt(step);
  total.passed += result.passed;
  total.failed += result.failed;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (result.failed > 0) console.log(`\n${result.details.trim()}\n`);
  console.log(`${step.name}: ${result.passed} passed, ${result.failed} failed (${seconds} s)`);
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function attempt(step: Step): Promise<StepResult> {
  try {
    return await step.run();
  } catch (error) {
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { passed: 0, failed: 1, details };
  }
}
