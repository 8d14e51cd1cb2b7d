import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDataset } from '../../datasets/open-dataset.js';
import { writeTestImage } from '../../datasets/testing/files.js';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { roundToBytes } from '../../degradation/degradation.js';
import { testEngine, testRunner } from '../../engine/testing/runners.js';
import { takeLock } from '../../files/lock-file.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { decodeImage } from '../../images/decode.js';
import { psnr } from '../../metrics/psnr.js';
import { sketchImage, slicedWasserstein } from '../../metrics/sliced-wasserstein.js';
import { ssim } from '../../metrics/ssim.js';
import { loadPack } from '../../models/packs.js';
import { tinyPack } from '../../models/testing/tiny-pack.js';
import { restoreImage } from '../../restoration/index.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { type EvaluateCall, evaluate } from './evaluate.js';
import { benchmarkItems, loadItem } from './items.js';
import type { MethodSpec } from './method.js';
import { evaluationTasks } from './tasks.js';

const reductionBy4 = evaluationTasks.sr4.degradation;

const engine = testEngine({ processes: 2 });

const pack = await tinyPack(await temporaryFolder());
const photographs = await temporaryFolder();
for (const name of ['a', 'b', 'c'])
  await writeTestImage(join(photographs, `${name}.png`), { width: 41, height: 32 });

const bicubic: MethodSpec = { kind: 'bicubic', name: 'bicubic' };
const tiny: MethodSpec = { kind: 'pack', name: 'tiny', pack };
const restorer: MethodSpec = { kind: 'restorer', name: 'restorer', pack };
const [fidelity, similarity] = ['psnr luma 4 v1', 'ssim rgb 0 v1'];

async function run(changes: Partial<EvaluateCall> = {}) {
  const output = changes.output ?? join(await temporaryFolder(), 'results');
  const result = await evaluate({
    ...{ datasets: [photographs], methods: [bicubic], metrics: ['psnr:y:4', 'ssim'] },
    ...{ task: 'sr4', threads: 1, engine, ...changes, output },
  });
  return { output, ...result };
}

async function pairs() {
  const items = benchmarkItems(await openDataset(photographs), { degradation: reductionBy4 });
  return Promise.all(items.map(async (item) => ({ item, ...(await loadItem(item)) })));
}

const inBytes = ({ shape, data }: Tensor) => tensor(shape, roundToBytes(data.slice()));

test('scores equal those of a direct computation, and so do the saved images', async () => {
  const methods = [bicubic, restorer, tiny];
  const { output, records, rows } = await run({ methods, seeds: [3], saveImages: true });
  const runner = await testRunner();
  const loaded = await loadPack(pack);
  for (const { item, input, target } of await pairs()) {
    const image = input as Tensor;
    const restored = await restoreImage(image, loaded, runner, { seed: 3 });
    const images = {
      bicubic: resizeBicubic(image, { scale: 4 }),
      restorer: restored.restored,
      tiny: restored.image,
    };
    for (const [method, made] of Object.entries(images)) {
      const record = records.find((each) => each.method === method && each.item === item.name)!;
      const expected = inBytes(made);
      expect(record.values).toEqual({
        [fidelity!]: psnr.open({ colourSpace: 'luma', border: 4 }).measure(expected, target),
        [similarity!]: ssim.open().measure(expected, target),
      });
      expect((await decodeImage(join(output, record.image!))).tensor).toEqual(expected);
      if (method === 'tiny') expect(record).toMatchObject({ macs: restored.macs, nfe: 4, seed: 3 });
    }
  }
  const [first, second, third] = rows;
  expect([first!.nfe, second!.nfe, third!.nfe]).toEqual([0, 1, 4]);
  expect(first!.parameters).toBe(0);
  expect(second!.parameters).toBeGreaterThan(100);
  expect(third!.parameters).toBeGreaterThan(second!.parameters!);
  expect(third!.macs).toBeGreaterThan(second!.macs!);
  const mean = records
    .slice(0, 1)
    .concat(records.slice(3))
    .filter((each) => each.method === 'bicubic');
  expect(first!.metrics[fidelity!]!.mean).toBeCloseTo(
    mean.reduce((sum, { values }) => sum + values[fidelity!]!, 0) / mean.length,
    10,
  );
});

test('what is measured is not measured again; what changed is', async () => {
  const folder = await temporaryFolder();
  for (const name of ['a', 'b', 'c'])
    await copyFile(join(photographs, `${name}.png`), join(folder, `${name}.png`));
  const methods = [bicubic, tiny];
  const first = await run({ datasets: [folder], methods });
  const again = (changes: Partial<EvaluateCall> = {}) =>
    run({ datasets: [folder], methods, output: first.output, ...changes });
  const second = await again();
  expect([first.reused, second.reused]).toEqual([0, 6]);
  expect(second.records).toEqual(first.records);
  expect(second.rows).toEqual(first.rows);

  await writeTestImage(join(folder, 'b.png'), { width: 41, height: 32 });
  const third = await again();
  expect(third.reused).toBe(4);
  const values = ({ records }: typeof first, item: string) =>
    records.filter((record) => record.item === item).map((record) => record.values);
  expect(values(third, 'a')).toEqual(values(first, 'a'));
  expect(values(third, 'b')).not.toEqual(values(first, 'b'));

  const steps = await again({
    methods: [bicubic, { ...tiny, sampler: { steps: 2 } } as MethodSpec],
  });
  expect(steps.reused).toBe(3);
  expect(steps.rows[1]!.nfe).toBe(3);
  const seeds = await again({ seeds: [0, 1] });
  expect(seeds.reused).toBe(6);
  expect(seeds.rows[1]!.metrics[fidelity!]!.deviation).toBeGreaterThan(0);
  expect(seeds.rows[0]).toMatchObject({
    seeds: [0],
    metrics: { [fidelity!]: { deviation: null } },
  });
  const other = await again({ metrics: ['ssim:y'] });
  expect(other.reused).toBe(0);
  expect(Object.keys(other.records[0]!.values)).toEqual(['ssim luma 0 v1']);
  expect((await again()).reused).toBe(6);
  expect((await again({ saveImages: true })).reused).toBe(0);
  await rm(join(first.output, 'images'), { recursive: true });
  expect((await again({ saveImages: true })).reused).toBe(0);
});

test('a saved image is judged by further metrics without restoring it again', async () => {
  const methods = [tiny];
  const { output, records: first } = await run({ methods, metrics: ['psnr'], saveImages: true });
  const { records, reused } = await run({ methods, output });
  expect(reused).toBe(0);
  const seconds = (list: typeof first) => list.map((record) => record.seconds);
  expect(seconds(records)).toEqual(seconds(first));
  const direct = await run({ methods });
  expect(records.map(({ values }) => values)).toEqual(direct.records.map(({ values }) => values));

  await copyFile(
    join(photographs, 'a.png'),
    join(output, 'images', first[0]!.dataset, 'tiny', 'a.png'),
  );
  const { records: third } = await run({ methods, output, metrics: ['ssim:y'] });
  expect(seconds(third).map((own, index) => own === first[index]!.seconds)).toEqual([
    false,
    true,
    true,
  ]);
  const fourth = await run({ methods, metrics: ['ssim:y'] });
  expect(third.map(({ values }) => values)).toEqual(fourth.records.map(({ values }) => values));
});

test('a record that was cut off is measured again', async () => {
  const { output } = await run();
  const path = join(output, 'records.jsonl');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.slice(0, -20));
  const { reused, records } = await run({ output });
  expect({ reused, count: records.length }).toEqual({ reused: 2, count: 3 });
  expect((await run({ output })).reused).toBe(3);
});

test('processes at the same time give the same scores', async () => {
  const methods = [bicubic, tiny];
  const serial = await run({ methods });
  const parallel = await run({ methods, parallel: 2 });
  const timeless = ({ records }: typeof serial) =>
    records.map(({ seconds: _seconds, ...record }) => record);
  expect(timeless(parallel)).toEqual(timeless(serial));
});

test('an image that fails is reported and the others are measured', async () => {
  const folder = await temporaryFolder();
  await copyFile(join(photographs, 'a.png'), join(folder, 'a.png'));
  await writeFile(join(folder, 'b.png'), 'no image');
  const seen: string[] = [];
  const { rows, failures, output } = await run({
    datasets: [folder],
    onFailure: ({ item }) => seen.push(item),
  });
  expect(rows[0]).toMatchObject({ items: 1, expected: 2 });
  expect(failures).toMatchObject([{ method: 'bicubic', item: 'b', seed: 0 }]);
  expect(seen).toEqual(['b']);
  expect(await readFile(join(output, 'table.md'), 'utf8')).toContain('| 1 of 2 |');
});

test('a metric that an image is too small for has a reason in place of a value', async () => {
  const folder = await temporaryFolder();
  await writeTestImage(join(folder, 'a.png'), { width: 8, height: 8 });
  const { records, failures, rows } = await run({ datasets: [folder], metrics: ['psnr', 'ssim'] });
  expect(Object.keys(records[0]!.values)).toEqual(['psnr rgb 0 v1']);
  expect(failures[0]!.message).toMatch(/^ssim: reference: expected at least 11 x 11 pixels/);
  expect(Object.keys(rows[0]!.metrics)).toEqual(['psnr rgb 0 v1']);
});

test('images that somebody made are found by name', async () => {
  const made = await run({ methods: [bicubic], saveImages: true });
  const folder = await temporaryFolder();
  const saved = join(made.output, 'images', made.rows[0]!.dataset, 'bicubic');
  await copyFile(join(saved, 'a.png'), join(folder, 'a_theirs.png'));
  await copyFile(join(saved, 'b.png'), join(folder, 'b.png'));
  await writeTestImage(join(folder, 'c.png'), { width: 44, height: 32 });
  const theirs: MethodSpec = { kind: 'outputs', name: 'theirs', folder };
  const { records, failures, rows } = await run({ methods: [theirs] });
  expect(records.map(({ values }) => values)).toEqual(
    made.records.slice(0, 2).map(({ values }) => values),
  );
  expect(failures.map(({ item, message }) => [item, message])).toEqual([
    ['c', expect.stringContaining('the result has 44 x 32 pixels, its target 40 x 32')],
  ]);
  expect(rows[0]).toMatchObject({ nfe: null, seconds: null, macs: null });
});

test('weights that are not here leave their metric out and are named', async () => {
  const store = await temporaryFolder();
  const { missing, records } = await run({ metrics: ['psnr', 'lpips'], metricFiles: { store } });
  expect(missing).toEqual([
    { request: 'lpips', missing: expect.stringContaining('dp-ir models pull') },
  ]);
  expect(Object.keys(records[0]!.values)).toEqual(['psnr rgb 0 v1']);
});

test('an interruption keeps what was finished', async () => {
  const output = join(await temporaryFolder(), 'results');
  const stop = new AbortController();
  const onProgress: EvaluateCall['onProgress'] = ({ finished }) => {
    if (finished === 2) stop.abort();
  };
  const stopped = run({ output, methods: [tiny], signal: stop.signal, onProgress });
  await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
  expect(await readdir(output)).toEqual(['records.jsonl']);
  const { reused, records } = await run({ output, methods: [tiny] });
  expect(reused).toBeGreaterThanOrEqual(2);
  expect(records).toHaveLength(3);
});

const bad: [string, Partial<EvaluateCall>, string][] = [
  ['a pack of another task', { methods: [{ ...tiny }], task: 'deblur' }, 'how to make inputs'],
  ['no pack', { methods: [{ ...tiny, pack: 'none' } as MethodSpec] }, 'none: is no pack'],
  ['two of a name', { methods: [bicubic, bicubic] }, 'methods of different names'],
  ['a tau beyond', { methods: [{ ...tiny, sampler: { tau: 51 } } as MethodSpec] }, 'at most 50'],
  ['an unknown metric', { metrics: ['beauty'] }, 'metrics: expected some of'],
  ['a metric twice', { metrics: ['psnr', 'psnr:rgb'] }, 'each metric once'],
  ['a seed twice', { seeds: [1, 1] }, 'seeds: expected different seeds'],
  ['no images', { limit: 0 }, 'limit: expected'],
];

test.each(bad)('%s is refused', async (_, changes, message) => {
  await expect(run(changes)).rejects.toThrow(message);
});

test('two processes do not write into one folder', async () => {
  const output = await temporaryFolder();
  await mkdir(output, { recursive: true });
  const other = await takeLock(join(output, 'evaluate.lock'));
  await expect(run({ output })).rejects.toThrow('is measuring into it');
  if ('lock' in other) await other.lock.release();
  expect((await run({ output })).records.length).toBeGreaterThan(0);
});

test('results are written as JSON, CSV, tables and a page that carry the scores', async () => {
  const { output, rows } = await run({ methods: [bicubic, tiny] });
  expect((await readdir(output)).sort()).toEqual([
    ...[
      'records.jsonl',
      'results.csv',
      'results.html',
      'results.json',
      'summary.csv',
      'table.md',
      'table.tex',
    ],
  ]);
  const read = (name: string) => readFile(join(output, name), 'utf8');
  const json = JSON.parse(await read('results.json'));
  expect(json.rows).toEqual(rows);
  expect(json.records).toHaveLength(6);
  expect(await read('results.csv')).toContain(`${json.records[0].values[fidelity!]}`);
  const printed = rows[1]!.metrics[fidelity!]!.mean.toFixed(2);
  const html = await read('results.html');
  for (const text of [await read('table.md'), await read('table.tex'), html])
    expect(text).toContain(printed);
  expect(html).toContain(`data-value="${rows[1]!.metrics[fidelity!]!.mean}"`);
  expect(html).toContain('@tau=20@steps=3@start=accelerated@sampler=ddim@eta=0@variance=large');
  expect(html).not.toMatch(/(src|href)=|https?:|url\(/);
});

test('a list of names restricts the images, and each row says so', async () => {
  const list = join(await temporaryFolder(), 'some.txt');
  await writeFile(list, 'c.png\na.png\n');
  const { records, rows } = await run({ list });
  expect(records.map(({ item }) => item)).toEqual(['a', 'c']);
  expect(rows[0]!.command).toContain(`--list ${list}`);
  await writeFile(list, 'd.png\n');
  await expect(run({ list })).rejects.toThrow('names d.png, which');
});

test('methods are compared with one of them, with intervals and adjusted p', async () => {
  const methods = [bicubic, tiny];
  const asked = { methods, seeds: [0, 1, 2], compare: 'bicubic', resamples: 200 };
  const { comparisons, comparisonTables, rows, records, output } = await run(asked);
  expect(comparisons.map(({ method, metric }) => [method, metric])).toEqual([
    ['tiny', fidelity],
    ['tiny', similarity],
  ]);
  const figuresOf = (method: string, item: string) =>
    records.filter((own) => own.method === method && own.item === item);
  const differences = ['a', 'b', 'c'].map((item) => {
    const ours = figuresOf('tiny', item).map(({ values }) => values[fidelity!]!);
    expect(ours).toHaveLength(3);
    const mean = ours.reduce((sum, value) => sum + value / 3, 0);
    return mean - figuresOf('bicubic', item)[0]!.values[fidelity!]!;
  });
  const [first] = comparisons;
  expect(first!.difference).toBeCloseTo(
    differences.reduce((sum, value) => sum + value / 3, 0),
    10,
  );
  expect(first!.interval.low).toBeGreaterThanOrEqual(Math.min(...differences) - 1e-9);
  expect(first!.interval.high).toBeLessThanOrEqual(Math.max(...differences) + 1e-9);
  // Three images of one sign: 2 of 8 assignments of signs; two comparisons.
  expect(first).toMatchObject({ items: 3, p: 0.25, adjusted: 0.5, significant: false });
  expect(rows[1]!.metrics[fidelity!]!.interval).not.toBeNull();
  expect(comparisonTables.map(({ title }) => title)).toEqual([
    expect.stringMatching(/, 3 images: differences from bicubic$/),
  ]);
  const read = (name: string) => readFile(join(output, name), 'utf8');
  expect(JSON.parse(await read('results.json')).comparisons).toEqual(comparisons);
  expect(await read('summary.csv')).toContain(`tiny,${fidelity},3,3,`);
  expect(await read('table.md')).toContain(': differences from bicubic');
  expect(await read('results.html')).toContain(': differences from bicubic</h3>');
  await expect(run({ ...asked, compare: 'nobody' })).rejects.toThrow(
    'compare: expected one of the methods bicubic, tiny',
  );
});

test('a metric of sets has scores of all images together, and sketches nothing twice', async () => {
  const folder = await temporaryFolder();
  for (const name of ['a', 'b', 'c'])
    await writeTestImage(join(folder, `${name}.png`), { width: 56, height: 52 });
  const asked = {
    ...{ datasets: [folder], methods: [bicubic, tiny], seeds: [0, 1], resamples: 50 },
    ...{ metrics: ['psnr', 'swd'], compare: 'bicubic' },
  };
  const key = 'swd rgb 0 v1';
  const first = await run(asked);
  const [plain, ours] = first.rows.map(({ metrics }) => metrics[key]!);
  const loaded = await Promise.all(
    benchmarkItems(await openDataset(folder), { degradation: reductionBy4 }).map(loadItem),
  );
  const enlarged = loaded.map(({ input }) => inBytes(resizeBicubic(input as Tensor, { scale: 4 })));
  const expected = slicedWasserstein(
    enlarged.map((image) => sketchImage(image)),
    loaded.map(({ target }) => sketchImage(target)),
  );
  expect(plain!.mean).toBeCloseTo(expected.mean, 4);
  expect(plain).toMatchObject({ items: 3, deviation: null });
  expect(plain!.interval!.low).toBeLessThanOrEqual(plain!.interval!.high);
  expect(ours!.deviation).not.toBeNull();
  const [comparison] = first.comparisons.filter(({ metric }) => metric === key);
  expect(comparison).toMatchObject({ test: 'bootstrap', items: 3 });
  expect(comparison!.difference).toBeCloseTo(ours!.mean - plain!.mean, 10);
  // Three targets, three enlarged images, three results of two seeds, and two scores.
  const sketches = join(first.output, 'sketches', 'swd-rgb-0-v1');
  expect((await readdir(sketches)).filter((name) => name.endsWith('.bin'))).toHaveLength(12);
  expect((await readdir(sketches)).filter((name) => name.endsWith('.json'))).toHaveLength(2);
  const again = await run({ ...asked, output: first.output });
  expect(again.reused).toBe(9);
  expect(again.rows.map(({ metrics }) => metrics)).toEqual(first.rows.map((own) => own.metrics));
  await rm(join(sketches, (await readdir(sketches)).find((name) => name.endsWith('.bin'))!));
  const mended = await run({ ...asked, output: first.output });
  expect(mended.reused).toBeLessThan(9);
  expect(mended.rows.map(({ metrics }) => metrics)).toEqual(first.rows.map((own) => own.metrics));
});

test('images that a metric of sets cannot sketch are left out of it', async () => {
  const { rows, unmeasured, failures } = await run({ metrics: ['psnr', 'swd'] });
  expect(rows[0]!.metrics).not.toHaveProperty(['swd rgb 0 v1']);
  expect(failures).toHaveLength(3);
  expect(failures[0]!.message).toMatch(/^swd: image: expected at least 7 pixels/);
  expect(unmeasured).toEqual([]);
});

test('an image that a metric cannot judge is left out of that metric alone, and is no failure', async () => {
  const folder = await temporaryFolder();
  await writeTestImage(join(folder, 'small.png'), { width: 8, height: 8 });
  await writeTestImage(join(folder, 'usual.png'), { width: 40, height: 32 });
  const metrics = ['psnr', 'ssim'];
  const { rows, failures, unmeasured, output } = await run({ datasets: [folder], metrics });
  expect(rows[0]!.metrics['psnr rgb 0 v1']!.items).toBe(2);
  expect(rows[0]!.metrics['ssim rgb 0 v1']!.items).toBe(1);
  expect(failures).toEqual([]);
  expect(unmeasured).toMatchObject([{ item: 'small', method: 'bicubic' }]);
  const table = await readFile(join(output, 'table.md'), 'utf8');
  expect(table).toContain(' (n = 1) |');
  expect(table).toContain(
    'Scores left out, of images that a metric cannot judge (ssim: reference: expected',
  );
});
