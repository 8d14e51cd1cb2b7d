import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPack } from '../src/app/load-pack.js';
import { resizeBicubic } from '../src/degradation/bicubic.js';
import { createLocalRunner } from '../src/engine/index.js';
import { logSpectralDistance } from '../src/evaluation/metrics/log-spectral.js';
import { psnr } from '../src/evaluation/metrics/psnr.js';
import { ssim } from '../src/evaluation/metrics/ssim.js';
import { decodeImage } from '../src/image/decode.js';
import { restorePicture } from '../src/restoration/index.js';
import { type Tensor, tensor } from '../src/tensor/tensor.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'sr4' },
    tau: { type: 'string' },
    steps: { type: 'string' },
    eta: { type: 'string' },
    sampler: { type: 'string' },
    samples: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
  },
});

const scale = 4;
const metrics = {
  psnr: psnr({ colourSpace: 'luma', border: scale }),
  ssim: ssim({ colourSpace: 'luma', border: scale }),
  spectrum: logSpectralDistance({ border: scale }),
};
type Row = Record<keyof typeof metrics, number>;

/** The top left part whose sides are multiples of the scale. */
function cropped({ shape, data }: Tensor): Tensor {
  const [, height, width] = shape as [number, number, number];
  const [rows, columns] = [height - (height % scale), width - (width % scale)];
  const result = tensor([3, rows, columns]);
  for (let line = 0; line < 3 * rows; line += 1) {
    const from = (Math.floor(line / rows) * height + (line % rows)) * width;
    result.data.set(data.subarray(from, from + columns), line * columns);
  }
  return result;
}

/** Values as an 8-bit file holds them. */
function rounded({ shape, data }: Tensor): Tensor {
  const levels = data.map((value) => Math.round(Math.min(1, Math.max(0, value)) * 255) / 255);
  return tensor(shape, levels);
}

function measured(target: Tensor, test: Tensor): Row {
  const shown = rounded(test);
  return {
    psnr: metrics.psnr.compute(target, shown),
    ssim: metrics.ssim.compute(target, shown),
    spectrum: metrics.spectrum.compute(target, shown),
  };
}

function mean(rows: readonly Row[]): Row {
  const keys = Object.keys(metrics) as (keyof Row)[];
  const average = (key: keyof Row) => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
  return Object.fromEntries(keys.map((key) => [key, average(key)])) as Row;
}

const request = {
  ...(values.tau === undefined ? {} : { tau: Number(values.tau) }),
  ...(values.steps === undefined ? {} : { steps: Number(values.steps) }),
  ...(values.eta === undefined ? {} : { eta: Number(values.eta) }),
  ...(values.sampler === undefined ? {} : { sampler: values.sampler as 'ancestral' | 'ddim' }),
};
const pack = await loadPack(values.model);
const runner = await createLocalRunner({ threads: Number(values.threads) });
const samples = Number(values.samples);
for (const folder of positionals) {
  const names = (await readdir(folder)).filter((name) => /\.(png|jpe?g)$/i.test(name)).sort();
  const table = new Map<string, Row[]>();
  const add = (method: string, row: Row): void => {
    table.set(method, [...(table.get(method) ?? []), row]);
  };
  let seconds = 0;
  for (const name of names) {
    const target = cropped((await decodeImage(join(folder, name))).tensor);
    const low = rounded(resizeBicubic(target, { scale: 1 / scale }));
    add('bicubic', measured(target, resizeBicubic(low, { scale })));
    const sum = new Float32Array(target.data.length);
    for (let seed = 0; seed < samples; seed += 1) {
      const start = performance.now();
      const result = await restorePicture(low, pack, runner, { ...request, seed });
      seconds += (performance.now() - start) / 1000;
      if (seed === 0) {
        add('restorer alone', measured(target, result.restored));
        add('one sample', measured(target, result.picture));
      }
      for (let i = 0; i < sum.length; i += 1) sum[i]! += result.picture.data[i]! / samples;
    }
    if (samples > 1) add(`mean of ${samples}`, measured(target, tensor(target.shape, sum)));
  }
  for (const [method, rows] of table) {
    const { psnr: decibels, ssim: similarity, spectrum } = mean(rows);
    const figures = [decibels.toFixed(2), similarity.toFixed(4), spectrum.toFixed(3)];
    process.stdout.write(`${[basename(folder), method, ...figures].join('\t')}\n`);
  }
  process.stdout.write(`${basename(folder)}\tseconds\t${seconds.toFixed(1)}\n`);
}
await runner.dispose();
