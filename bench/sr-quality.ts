import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { resizeBicubic } from '../src/degradation/bicubic-resize.js';
import type { SamplerRequest } from '../src/diffusion/index.js';
import { createLocalRunner } from '../src/engine/local-runner.js';
import { writeFileAtomic } from '../src/files/write-atomic.js';
import { decodeImage } from '../src/images/decode.js';
import { logSpectralDistance } from '../src/metrics/log-spectral.js';
import { psnr } from '../src/metrics/psnr.js';
import { ssim } from '../src/metrics/ssim.js';
import { loadPack } from '../src/models/packs.js';
import { restoreImage } from '../src/restoration/index.js';
import { type Tensor, tensor } from '../src/tensor/tensor.js';
import { cropped, multipleOf } from '../src/tensor/window.js';
import { ParameterError } from '../src/utils/errors.js';
import { describeMachine } from './machine.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'sr4' },
    settings: { type: 'string' },
    markdown: { type: 'string' },
    title: { type: 'string', default: 'Quality of the sr4 pack' },
    samples: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
  },
});

const scale = 4;
const metrics = {
  psnr: psnr.open({ colourSpace: 'luma', border: scale }),
  ssim: ssim.open({ colourSpace: 'luma', border: scale }),
  spectrum: logSpectralDistance.open({ border: scale }),
};
type Row = Record<keyof typeof metrics, number>;

/** Values as an 8-bit file holds them. */
function rounded({ shape, data }: Tensor): Tensor {
  const levels = data.map((value) => Math.round(Math.min(1, Math.max(0, value)) * 255) / 255);
  return tensor(shape, levels);
}

function measured(target: Tensor, test: Tensor): Row {
  const shown = rounded(test);
  return {
    psnr: metrics.psnr.measure(shown, target),
    ssim: metrics.ssim.measure(shown, target),
    spectrum: metrics.spectrum.measure(shown, target),
  };
}

function mean(rows: readonly Row[]): Row {
  const keys = Object.keys(metrics) as (keyof Row)[];
  const average = (key: keyof Row) => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
  return Object.fromEntries(keys.map((key) => [key, average(key)])) as Row;
}

/** `50x10` as tau 50, 10 steps; nothing for the pack's own settings. */
function parseSetting(text: string): SamplerRequest {
  const match = /^(\d+)x(\d+)(@[\d.]+)?$/.exec(text);
  if (match === null) throw new ParameterError('--settings', 'TAUxSTEPS or TAUxSTEPS@ETA', text);
  const eta = match[3] === undefined ? {} : { eta: Number(match[3].slice(1)) };
  return { tau: Number(match[1]), steps: Number(match[2]), ...eta };
}

const pack = await loadPack(values.model);
const { tau, steps } = pack.manifest.sampler;
const settings = (values.settings ?? `${tau}x${steps}`).split(',');
const samples = Number(values.samples);
const runner = await createLocalRunner({ threads: Number(values.threads) });
const lines: string[] = [];
const say = (line: string): void => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

say('| images | method | PSNR, dB | SSIM | spectrum, dB | s per image |');
say('|---|---|---|---|---|---|');
for (const folder of positionals) {
  const names = (await readdir(folder)).filter((name) => /\.(png|jpe?g)$/i.test(name)).sort();
  const table = new Map<string, Row[]>();
  const times = new Map<string, number>();
  const add = (method: string, row: Row, seconds = 0): void => {
    table.set(method, [...(table.get(method) ?? []), row]);
    times.set(method, (times.get(method) ?? 0) + seconds / names.length);
  };
  for (const name of names) {
    const { tensor: whole } = await decodeImage(join(folder, name));
    const target = cropped(whole, multipleOf(scale, whole));
    const low = rounded(resizeBicubic(target, { scale: 1 / scale }));
    add('bicubic', measured(target, resizeBicubic(low, { scale })));
    for (const [index, setting] of settings.entries()) {
      const request = parseSetting(setting);
      const sum = new Float32Array(target.data.length);
      for (let seed = 0; seed < samples; seed += 1) {
        const start = performance.now();
        const result = await restoreImage(low, pack, runner, { ...request, seed });
        const seconds = (performance.now() - start) / 1000;
        if (index === 0 && seed === 0) add('restorer alone', measured(target, result.restored));
        if (seed === 0) add(`tau x steps ${setting}`, measured(target, result.image), seconds);
        for (let i = 0; i < sum.length; i += 1) sum[i]! += result.image.data[i]! / samples;
      }
      if (samples > 1)
        add(
          `tau x steps ${setting}, mean of ${samples}`,
          measured(target, tensor(target.shape, sum)),
        );
    }
  }
  for (const [method, rows] of table) {
    const { psnr: decibels, ssim: similarity, spectrum } = mean(rows);
    const figures = [decibels.toFixed(2), similarity.toFixed(4), spectrum.toFixed(2)];
    const seconds = times.get(method)!;
    const cells = [basename(folder), method, ...figures, seconds > 0 ? seconds.toFixed(1) : ''];
    say(`| ${cells.join(' | ')} |`);
  }
}
await runner.dispose();
if (values.markdown !== undefined) {
  const { processor, cores, gibibytes, node } = describeMachine();
  const shown = positionals.map((folder) => basename(folder)).join(' ');
  const command = `npm run quality -- --model ${values.model} --settings ${settings} --samples ${samples} ${shown}`;
  const text = [
    `# ${values.title}`,
    '',
    `Measured on ${new Date().toISOString().slice(0, 10)} by \`${command}\` (folders of the named sets): ${processor}, ${cores} cores, ${gibibytes} GiB, Node ${node}, ${values.threads} threads.`,
    '',
    'Inputs are the targets, cropped to multiples of 4, reduced by antialiased bicubic interpolation and rounded to 8 bits. PSNR and SSIM are those of the luma without a border of 4 pixels, results rounded to 8 bits; the spectrum is the log-spectral distance to the target, lower is nearer. Seed 0 where one sample is measured.',
    '',
    ...lines,
    '',
  ].join('\n');
  await writeFileAtomic(values.markdown, new TextEncoder().encode(text));
}
