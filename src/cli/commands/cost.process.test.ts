import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { tinyPack } from '../../models/testing/tiny-pack.js';
import { runProgram } from '../testing/run-program.js';

const cost = (...argv: string[]) => runProgram('main.ts', ['cost', ...argv]);

test('a network is counted by its name, without weights, the rule beside the figures', async () => {
  const config = '{"n_MSRB":1,"in_channels":4}';
  const { code, stdout, stderr } = await cost('mirnet', '--config', config, '--size', '64x32');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/network {2}mirnet\s+15,951,310\s+7\.\d+ G\s+3\.\d+ M\s/);
  expect(stdout).toContain(
    'one multiply-add counting once, transposed convolutions by their input',
  );
});

test('a pack is counted in parts and timed, as JSON', async () => {
  const argv = [
    '--size',
    '16x8',
    '--steps',
    '2',
    '--time',
    '--threads',
    '1',
    '--per-layer',
    '--json',
  ];
  const { code, stdout } = await cost(await tinyPack(await temporaryFolder()), ...argv);
  expect(code).toBe(0);
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({ pack: 'tiny', nfe: 3, result: { width: 64, height: 32 } });
  expect(told.countingRule).toContain('FLOP: two for each MAC');
  expect(told.rows.map(({ part }: { part: string }) => part)).toEqual([
    ...['restorer', 'fusion (x_IR)', 'denoiser', 'fusion'],
    ...['a: once', 'b: each evaluation', 'a + b x 2'],
  ]);
  const seconds = told.rows.map((row: { seconds: number }) => row.seconds) as number[];
  for (const value of seconds) expect(value).toBeGreaterThan(0);
  expect(seconds[4]).toBeCloseTo(seconds[0]! + seconds[1]!, 10);
  expect(seconds[6]).toBeCloseTo(seconds[4]! + 2 * seconds[5]!, 10);
  expect(told.device).toMatchObject({ effective: 'cpu', threads: 1 });
  expect(told.layers[0].layers.map(({ path }: { path: string }) => path)).toContain('head');
});

test('operators come as CSV', async () => {
  const config = '{"features":4,"growth":2}';
  const argv = ['fusion', '--config', config, '--size', '8x4', '--per-layer', '--csv', '--quiet'];
  const { code, stdout } = await cost(...argv);
  expect(code).toBe(0);
  const [head, ...lines] = stdout.trimEnd().split('\r\n');
  expect(head).toBe('part,operator,path,shape,macs,parameters,share');
  const first = lines.find((line) => line.startsWith('fusion,conv2d,conv_in,'));
  expect(first).toMatch(/,1x4x4x8,3456,112,0\.\d+$/);
  const shares = lines.map((line) => Number(line.split(',').at(-1)));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
});

test('a wrong command line exits with 2, a model that is missing with 3', async () => {
  const results = await Promise.all([
    cost('fusion', '--size', '12'),
    cost('fusion', '--config', '{"features":3}'),
    cost('no-such-model'),
  ]);
  expect(results.map(({ code }) => code)).toEqual([2, 2, 3]);
  expect(results[0]!.stderr).toContain('--size: expected WIDTHxHEIGHT such as 320x180');
  expect(results[1]!.stderr).toContain('fusion.features');
  expect(results[2]!.stderr).toContain('no-such-model');
});
