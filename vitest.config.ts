import { defineConfig } from 'vitest/config';

/** Suites that start processes, threads or servers: run last, so that the others fail first. */
const processes = ['**/*.process.test.ts'];
/** Rooms whose tests take a minute together: `npm run check`. */
const quick = [
  'src/{utils,tensor,diffusion}/**/*.test.ts',
  'src/graph/*.test.ts',
  'src/degradation/*.test.ts',
  'scripts/**/*.test.ts',
];
const rest = ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'];

const shared = {
  // For tests that hang: what a busy machine takes must not decide.
  testTimeout: 900_000,
  hookTimeout: 900_000,
  expect: { poll: { timeout: 600_000 } },
  pool: 'forks',
  allowOnly: false,
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'quick',
          include: quick,
          exclude: processes,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'unit',
          include: rest,
          exclude: [...quick, ...processes],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'process',
          include: processes,
          exclude: ['**/node_modules/**'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
