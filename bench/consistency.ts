import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Contributions,
  resizeBicubic,
  resizeColumns,
  resizeRows,
} from '../src/degradation/bicubic-resize.js';
import { mirrored } from '../src/degradation/blur/convolve.js';
import { linearToSrgb, srgbToLinear } from '../src/degradation/camera/transfer-curves.js';
import { createDegradation } from '../src/degradation/create-degradation.js';
import { roundToBytes } from '../src/degradation/degradation.js';
import { throughJpeg } from '../src/degradation/jpeg.js';
import {
  cautiousConsistency,
  makeConsistentWithin,
  type RangeOptions,
  roundingDeviation,
} from '../src/degradation/operators/consistency.js';
import { bicubicReduction } from '../src/degradation/operators/linear-operators.js';
import { createLocalRunner } from '../src/engine/local-runner.js';
import { writeFileAtomic } from '../src/files/write-atomic.js';
import { decodeImage } from '../src/images/decode.js';
import { loadPack } from '../src/models/packs.js';
import { restoreImage } from '../src/restoration/index.js';
import { fillNormal } from '../src/tensor/random.js';
import { decodeSafetensors, encodeSafetensors } from '../src/tensor/safetensors.js';
import { type Tensor, tensor } from '../src/tensor/tensor.js';
import { cropped, multipleOf } from '../src/tensor/window.js';
import { ParameterError } from '../src/utils/errors.js';

const USAGE = `npx tsx bench/consistency.ts [--inputs a,b] [--keep FOLDER] IMAGES...
What agreement with the input does to samples of the sr4 pack, for inputs that were reduced, coded or
disturbed in several ways: PSNR over all channels against the original.
  --keep FOLDER  where restored images are kept, so that another run need not restore them again`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: 'string' },
    keep: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const scale = 4;
// Mean squared error of the pack's samples on photographs.
const priorVariance = 0.002;

type Make = (image: Tensor) => Tensor;
const reduced: Make = (image) => resizeBicubic(image, { scale: 1 / scale });
const rounded: Make = ({ shape, data }) => tensor(shape, roundToBytes(data.slice()));
const mapped = ({ shape, data }: Tensor, change: (value: number, at: number) => number): Tensor =>
  tensor(shape, data.map(change));
const by = (method: string): Make => {
  const degradation = createDegradation({ kind: 'downscale', scale, method });
  return (image) => degradation.apply(image, { seed: 0, index: 0 });
};
const noisy = (image: Tensor, levels: number): Tensor => {
  const noise = new Float32Array(image.data.length);
  fillNormal(noise, 1, 3);
  return rounded(mapped(image, (value, at) => value + (levels / 255) * noise[at]!));
};

/** Reduction by the Lanczos kernel of three lobes, stretched over the pitch of the result. */
function lanczos(image: Tensor): Tensor {
  const [planes = 0, height = 0, width = 0] = image.shape;
  const [vertical, horizontal] = [lanczosTable(height), lanczosTable(width)];
  const columns = resizeColumns(image.data, planes, height, width, vertical);
  const rows = planes * vertical.outputLength;
  const shape = [planes, vertical.outputLength, horizontal.outputLength];
  return tensor(shape, resizeRows(columns, rows, width, horizontal));
}

function lanczosTable(length: number): Contributions {
  const lobes = 3;
  const taps = 2 * lobes * scale;
  const outputLength = length / scale;
  const indices = new Int32Array(outputLength * taps);
  const weights = new Float64Array(outputLength * taps);
  const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  for (let at = 0; at < weights.length; at++) {
    const centre = (Math.floor(at / taps) + 0.5) * scale - 0.5;
    const place = Math.ceil(centre - lobes * scale) + (at % taps);
    const x = (centre - place) / scale;
    indices[at] = mirrored(place, length);
    weights[at] = sinc(x) * sinc(x / lobes);
  }
  for (let row = 0; row < outputLength; row++) {
    const line = weights.subarray(row * taps, (row + 1) * taps);
    const sum = line.reduce((total, weight) => total + weight, 0);
    for (let tap = 0; tap < taps; tap++) line[tap]! /= sum;
  }
  return { outputLength, taps, indices, weights };
}

/** Ways to make an input of an image. */
const inputs: Readonly<Record<string, Make>> = {
  bicubic: (image) => rounded(reduced(image)),
  box: by('area'),
  nearest: by('nearest'),
  lanczos: (image) => rounded(lanczos(image)),
  linear: (image) =>
    rounded(mapped(reduced(mapped(image, srgbToLinear)), (v) => linearToSrgb(Math.max(0, v)))),
  jpeg90: (image) => throughJpeg(reduced(image), 90, '4:4:4'),
  jpeg75: (image) => throughJpeg(reduced(image), 75),
  noise2: (image) => noisy(reduced(image), 2),
  noise5: (image) => noisy(reduced(image), 5),
};

/** Options of `makeConsistentWithin` to compare. */
const rules: Readonly<Record<string, (input: Tensor) => RangeOptions>> = {
  exact: () => ({}),
  rounding: () => ({ noiseVariance: roundingDeviation ** 2, priorVariance }),
  '2 levels': () => ({ noiseVariance: (2 / 255) ** 2, priorVariance }),
  cautious: (input) => cautiousConsistency(input, priorVariance),
};

const decibels = (a: Tensor, b: Tensor): number => {
  const sum = a.data.reduce((total, value, at) => total + (value - b.data[at]!) ** 2, 0);
  return Math.min(-10 * Math.log10(sum / a.data.length), 99);
};
const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

if (values.help || positionals.length === 0) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(values.help ? 0 : 2);
}
if (values.keep !== undefined) await mkdir(values.keep, { recursive: true });
const pack = await loadPack('sr4');
const runner = await createLocalRunner({ threads: 1 });

/** One sample of a restoration with the defaults, or as it was kept. */
async function sampleOf(input: Tensor, name: string): Promise<Tensor> {
  const file = values.keep === undefined ? undefined : join(values.keep, `${name}.safetensors`);
  if (file !== undefined && existsSync(file))
    return decodeSafetensors(await readFile(file)).tensors.get('sample') as Tensor;
  const { image } = await restoreImage(input, pack, runner, { seed: 0 });
  if (file !== undefined)
    await writeFileAtomic(file, encodeSafetensors(new Map([['sample', image]])));
  return image;
}

const kinds = values.inputs?.split(',') ?? Object.keys(inputs);
process.stdout.write(
  `| input | PSNR | agreement | ${Object.keys(rules)
    .map((rule) => `${rule} | worst | agreement`)
    .join(' | ')} |\n|${'---|'.repeat(3 + 3 * Object.keys(rules).length)}\n`,
);
for (const kind of kinds) {
  const make = inputs[kind];
  if (make === undefined) throw new ParameterError('--inputs', Object.keys(inputs).join(), kind);
  const before: number[] = [];
  const agreed: number[] = [];
  const gains = new Map<string, { gain: number; agreement: number }[]>();
  for (const path of positionals) {
    const { tensor: whole } = await decodeImage(path);
    const target = cropped(whole, multipleOf(scale, whole));
    const input = make(target);
    const sample = await sampleOf(input, `${parse(path).name}-${kind}`);
    const [, height = 0, width = 0] = target.shape;
    const operator = bicubicReduction(scale, height, width);
    const shown = rounded(sample);
    before.push(decibels(shown, target));
    agreed.push(decibels(rounded(operator.apply(shown)), input));
    for (const [rule, options] of Object.entries(rules)) {
      const result = rounded(makeConsistentWithin(operator, sample, input, options(input)));
      const entry = {
        gain: decibels(result, target) - before.at(-1)!,
        agreement: decibels(rounded(operator.apply(result)), input),
      };
      gains.set(rule, [...(gains.get(rule) ?? []), entry]);
    }
  }
  const cells = [...gains.values()].map((entries) => {
    const gain = entries.map((entry) => entry.gain);
    const agreement = mean(entries.map((entry) => entry.agreement));
    return `${mean(gain).toFixed(2)} | ${Math.min(...gain).toFixed(2)} | ${agreement.toFixed(0)}`;
  });
  process.stdout.write(
    `| ${kind} | ${mean(before).toFixed(2)} | ${mean(agreed).toFixed(0)} | ${cells.join(' | ')} |\n`,
  );
}
await runner.dispose();
