import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { imageFolder } from '../training/testing/fixtures.js';
import { restorerRecipe } from '../training/testing/recipes.js';
import { trainHere } from '../training/testing/runs.js';
import { InputError, ParameterError } from '../utils/errors.js';
import { axisFor } from './plot.js';
import { parseLog, type RunRecord, readRun } from './run-record.js';
import { plot, renderTrainingReport, summarise, writeTrainingReport } from './training-report.js';

function progress(step: number, loss: number, seconds = 36 * step) {
  const rates = { learningRate: 1e-3, samplesPerSecond: 20 + step, batchShare: 0.02 };
  return { step, steps: 400, loss, seconds, ...rates };
}

function record(changes: Partial<RunRecord> = {}): RunRecord {
  const lines = [progress(100, 0.08), progress(200, 0.04), progress(400, 0.01)];
  return {
    name: 'run',
    folder: '/runs/run',
    progress: lines,
    validations: [],
    warnings: [],
    previews: [],
    weights: [],
    ...changes,
  };
}

/** The points of the curves of a form of a chart. */
function drawn(html: string, chart: string, course: string, scale: string): [number, number][][] {
  const section = html
    .split(`<section class="item chart" id="${chart}">`)[1]!
    .split('</section>')[0]!;
  const svg = section
    .split('<svg')
    .find((text) => text.includes(`data-course="${course}" data-scale="${scale}"`))!;
  return [...svg.matchAll(/<polyline [^>]*points="([^"]*)"/g)].map(([, text]) =>
    text!.split(' ').map((pair) => pair.split(',').map(Number) as [number, number]),
  );
}

const [wide, high] = [plot.width - plot.left - plot.right, plot.height - plot.top - plot.bottom];

test('the raw loss lies where steps and values of the log say, in every form', async () => {
  const html = await renderTrainingReport([record()]);
  const values = [0.08, 0.04, 0.01];
  const steps = [100, 200, 400];
  for (const [course, along] of [
    ['step', steps],
    ['hours', steps.map((step) => step / 100)],
  ] as const)
    for (const scale of ['linear', 'logarithmic']) {
      const across = axisFor(along, false, 8);
      const up = axisFor(values, scale === 'logarithmic');
      const [raw] = drawn(html, 'loss', course, scale);
      raw!.forEach(([x, y], index) => {
        expect(x).toBeCloseTo(plot.left + wide * across.position(along[index]!), 1);
        expect(y).toBeCloseTo(plot.top + high * (1 - up.position(values[index]!)), 1);
      });
    }
  const [[first, second, third]] = drawn(html, 'loss', 'step', 'linear') as [[number, number][]];
  expect((third![0] - second![0]) / (second![0] - first![0])).toBeCloseTo(2, 2);
  expect((third![1] - second![1]) / (second![1] - first![1])).toBeCloseTo(0.75, 2);
});

test('runs share the axes, each with a colour and a smoothed curve over a faint one', async () => {
  const other = record({ name: 'other', progress: [progress(100, 0.16), progress(800, 0.02)] });
  const html = await renderTrainingReport([record(), other]);
  const curves = drawn(html, 'loss', 'step', 'linear');
  expect(curves).toHaveLength(4);
  expect(curves[0]![0]![0]).toBe(curves[1]![0]![0]);
  expect(curves[1]![0]![1]).toBeLessThan(curves[0]![0]![1]);
  for (const classes of [
    'curve series-0 faint',
    'curve series-1 faint',
    'curve series-0',
    'curve series-1',
  ])
    expect(html).toContain(`<polyline class="${classes}"`);
  expect(html).not.toContain('id="psnr"');
});

test('validations are a curve over steps and hours, and the best one is told', async () => {
  const validations = [100, 200, 400].map((step, index) => ({
    step,
    seconds: 36 * step,
    validation: { psnr: [28, 30.5, 30][index]!, levels: [], best: index < 2 },
  }));
  const html = await renderTrainingReport([record({ validations })]);
  const [curve] = drawn(html, 'psnr', 'hours', 'linear');
  expect(curve).toHaveLength(3);
  expect(curve![1]![1]).toBeLessThan(curve![2]![1]);
  expect(html).toContain('30.50 dB, step 200');
  expect(summarise(record({ validations })).best).toEqual({ step: 200, psnr: 30.5 });
});

test('text of runs is escaped everywhere, also in the figures', async () => {
  const evil = '</script><b onclick="x">&';
  const recipe = restorerRecipe(evil);
  const html = await renderTrainingReport([
    record({ name: evil, recipe, warnings: [{ step: 3, warning: evil }] }),
  ]);
  expect(html).not.toContain('<b onclick');
  expect(html.split('</script>')).toHaveLength(3);
  expect(html).toContain('&quot;data&quot;: &quot;&lt;/script&gt;&lt;b onclick=');
  const json = /id="figures">(.*)<\/script>/.exec(html)![1]!;
  expect(JSON.parse(json).all[0].curves[0]).toMatchObject({ run: evil });
  expect(JSON.parse(json).all[0].curves[0].points[2]).toEqual([400, 4, 0.01]);
});

test('a log that is still being written is read up to its last whole line', () => {
  const lines = [progress(20, 0.5), progress(40, 0.4)].map((entry) => JSON.stringify(entry));
  const validation = JSON.stringify({ step: 40, validation: { psnr: 25, levels: [], best: true } });
  const warning = JSON.stringify({ step: 20, warning: 'set aside' });
  const text = [lines[0], warning, lines[1], validation, '{"step":60,"lo'].join('\n');
  const parsed = parseLog(text);
  expect(parsed.progress.map(({ step }) => step)).toEqual([20, 40]);
  expect(parsed.validations).toMatchObject([{ step: 40, seconds: 1440 }]);
  expect(parsed.warnings).toEqual([{ step: 20, warning: 'set aside' }]);
  expect(parseLog('null\n7\n"x"\n{"step":"a"}\n{"step":1}\n').progress).toEqual([]);
});

test('a report of a real run has its recipe, cost, weights and previews, embedded', async () => {
  const output = await temporaryFolder();
  const recipe = restorerRecipe(await imageFolder([60, 44]), { steps: 4 });
  await trainHere({ recipe, output, logEvery: 1 });
  await mkdir(join(output, 'previews'), { recursive: true });
  const png = await sharp({ create: { width: 6, height: 2, channels: 3, background: '#f00' } })
    .png()
    .toBuffer();
  await writeFile(join(output, 'previews', 'step-4-0.png'), png);
  await appendFile(join(output, 'log.jsonl'), '{"step":5,"loss":0.');
  const run = await readRun(output);
  expect(run).toMatchObject({ recipe, progress: [1, 2, 3, 4].map((step) => ({ step })) });
  expect(run.cost!.parameters).toBeGreaterThan(100);
  const page = join(await temporaryFolder(), 'report.html');
  await writeTrainingReport(page, [run]);
  const html = await readFile(page, 'utf8');
  expect(html).toContain(`data:image/png;base64,${png.toString('base64')}`);
  expect(html).toContain('&quot;network&quot;: &quot;compact-restorer&quot;');
  expect(html).toContain('weights.safetensors');
  expect(html).not.toMatch(/(src|href)="(?!data:)/);
});

test('folders without a run are refused, and so is a report of no runs', async () => {
  await expect(readRun(await temporaryFolder())).rejects.toThrow(InputError);
  await expect(renderTrainingReport([])).rejects.toThrow(ParameterError);
});
