import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeTestImages } from '../../src/datasets/testing/files.js';
import { testEngine } from '../../src/engine/testing/runners.js';
import { temporaryFolder } from '../../src/files/testing/temporary-folder.js';
import { tinyPack } from '../../src/models/testing/tiny-pack.js';
import { measureExperiment } from './measure-table.js';
import type { Experiment } from './table.js';

const engine = testEngine();

const places = { data: await temporaryFolder(), runs: await temporaryFolder() };
const names = ['a.png', 'b.png', 'c.png'];
await writeTestImages(join(places.data, 'test/set5'), names, { width: 40, height: 32 });
const others = await temporaryFolder();
await writeTestImages(others, names, { width: 40, height: 32 });
const pack = await tinyPack(await temporaryFolder());

const measuring = {
  ...{ places, engine, threads: 1, limit: undefined },
  ...{ signal: new AbortController().signal, onProgress: () => {} },
};
const experiment: Experiment = {
  task: 'sr4',
  datasets: ['set5', 'set14'],
  metrics: ['psnr', 'log-spectral'],
  rows: [
    { name: 'plain', method: 'bicubic' },
    { name: 'others', method: `outputs:others=${others}` },
    { name: 'swapped', method: `pack:${pack}@fusion={fusion-ab}` },
    { name: 'nowhere', method: 'restorer:no-such-pack' },
  ],
  comparisons: [
    {
      ...{ says: 'enlarging is better than other images', row: 'plain', against: 'others' },
      ...{ metrics: ['psnr'], expected: 'better' },
    },
    {
      ...{ says: 'what is not there', row: 'swapped', against: 'plain' },
      ...{ metrics: ['psnr'], expected: 'better' },
    },
  ],
};

test('rows and data that are not there are left out by name, the rest is measured', async () => {
  const { tables, leftOut, findings, failures } = await measureExperiment(experiment, measuring);
  expect(leftOut).toEqual([
    'swapped: fusion-ab missing; `npm run paper -- train denoiser-b fusion-ab` trains what it needs',
    'nowhere: no pack no-such-pack',
    'set14: missing',
  ]);
  expect(tables.map(({ rows }) => rows.map(({ name }) => name))).toEqual([['plain', 'others']]);
  expect(failures).toEqual([]);
  expect(findings).toHaveLength(1);
  const [{ dataset, column, gain, comparison }] = findings as [(typeof findings)[number]];
  expect([dataset, column.label, comparison.row]).toEqual(['set5', 'psnr', 'plain']);
  // Other noise is 7.8 dB away from noise, enlarged noise is nearer.
  expect(gain.images).toBe(3);
  expect(gain.interval.low).toBeGreaterThan(0);
});

test('fewer images are measured where fewer are wanted', async () => {
  const { tables } = await measureExperiment(experiment, { ...measuring, limit: 1 });
  expect(tables[0]!.title).toBe('set5, seeds 0, 1, 2, 1 image');
});

test('rows that are not wanted this time are named', async () => {
  const { leftOut, tables } = await measureExperiment(experiment, {
    ...measuring,
    without: ['oth'],
  });
  expect(leftOut).toContain('others: not measured this time');
  expect(tables[0]!.rows.map(({ name }) => name)).toEqual(['plain']);
});

test('nothing is measured where nothing is there', async () => {
  const nothing = { ...experiment, datasets: ['set14'] as const };
  const result = await measureExperiment(nothing, measuring);
  expect(result.tables).toEqual([]);
  expect(result.leftOut).toContain('set14: missing');
});
