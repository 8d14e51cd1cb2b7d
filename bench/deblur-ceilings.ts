import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLocalRunner } from '../src/engine/local-runner.js';
import type { GraphRunner } from '../src/graph/graph-runner.js';
import {
  concat,
  input,
  lowerToOnnx,
  ParameterScope,
  reduceMean,
  reshape,
  sqrt,
  type Value,
} from '../src/graph/index.js';
import { decodeImage } from '../src/images/decode.js';
import { psnr } from '../src/metrics/psnr.js';
import { loadModuleFile } from '../src/models/write-pack.js';
import {
  type DeconvolutionUnetConfig,
  deconvolutionUnet,
  deconvolveWindows,
  mergeCandidates,
  toLinear,
} from '../src/networks/deconvolution-unet/deconvolution-unet.js';
import {
  KernelSearch,
  kernelsPerImage,
} from '../src/networks/deconvolution-unet/kernel-estimation.js';
import { type Tensor, tensor } from '../src/tensor/tensor.js';
import { ParameterError } from '../src/utils/errors.js';
import { describeMachine } from './machine.js';

const USAGE = `npm run ceilings -- [--module FILE] [--threads N] PAIRS...
What keeps a deconvolution-unet from sharper images: how many decibels it gains, how many it would
if it always chose the best of its candidates, and how many if it were told the kernels.
  --module FILE  (default models/deblur/restorer.safetensors)
  PAIRS          folders with input/ and target/, images no larger than a window, of one size`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    module: { type: 'string', default: 'models/deblur/restorer.safetensors' },
    threads: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});

/** Of frequencies at which the sharp image has no edges; the search's own at the full size. */
const DAMPING = 10;
/** Entries below this part of a told kernel's largest are noise. */
const THRESHOLD = 0.05;
/** Side of the blocks among whose candidates the best is chosen, in pixels. */
const BLOCK = 32;

const methods = [
  'blurred',
  'network',
  'best candidate of each image',
  `best candidate of each block of ${BLOCK}`,
  'best candidate with the told kernel',
  'network with the told kernel',
] as const;
type Method = (typeof methods)[number];

const metric = psnr.open({ colourSpace: 'rgb' });

interface Ceilings {
  readonly side: number;
  measure(blurred: Tensor, target: Tensor): Promise<Record<Method, number>>;
}

async function ceilingsOf(runner: GraphRunner, side: number): Promise<Ceilings> {
  const { network, config: written, weights } = await loadModuleFile(values.module);
  if (network.name !== deconvolutionUnet.name)
    throw new ParameterError('--module', `a ${deconvolutionUnet.name}`, network.name);
  const config = written as DeconvolutionUnetConfig;
  const { multiple, minimum } = deconvolutionUnet.sizeRule(config);
  if (side % multiple !== 0 || side < minimum || side > config.window)
    throw new ParameterError(
      'PAIRS',
      `squares of a multiple of ${multiple} from ${minimum} to ${config.window} pixels`,
      side,
    );
  const shape = [1, 3, side, side];
  const image = input('image', shape);
  const sharp = input('sharp', shape);
  const told = (windows: Value): Value => {
    const search = new KernelSearch(windows, config.kernel, DAMPING);
    const kernels = search.explaining(rootsOfLight(sharp), { thresholds: [THRESHOLD] });
    return concat(new Array<Value>(kernelsPerImage).fill(kernels), 0);
  };
  const compileCandidates = (key: string, candidates: Value) =>
    runner.compile(key, () => lowerToOnnx({ outputs: { candidates } }).bytes);
  const found = await compileCandidates('found', deconvolveWindows(config, image));
  const right = await compileCandidates('told', deconvolveWindows(config, image, told));
  const merger = await runner.compile('merged', () => {
    const given = input('candidates', [
      1,
      3 * kernelsPerImage * config.regularisations.length,
      side,
      side,
    ]);
    const merged = mergeCandidates(config, new ParameterScope(), image, given);
    return lowerToOnnx({ outputs: { merged }, weights }).bytes;
  });
  return {
    side,
    measure: async (blurred, target) => {
      const one = tensor(shape, blurred.data);
      const own = (await found.run({ image: one })).candidates as Tensor;
      const best = (await right.run({ image: one, sharp: tensor(shape, target.data) }))
        .candidates as Tensor;
      const merged = async (candidates: Tensor): Promise<number> => {
        const result = (await merger.run({ image: one, candidates })).merged as Tensor;
        return metric.measure(tensor(target.shape, clipped(result.data)), target);
      };
      const choices = [blurred, ...separate(own, target.shape)];
      const of = (images: readonly Tensor[]): number =>
        Math.max(...images.map((choice) => metric.measure(choice, target)));
      return {
        blurred: of([blurred]),
        network: await merged(own),
        'best candidate of each image': of(choices),
        [`best candidate of each block of ${BLOCK}`]: metric.measure(
          bestBlocks(choices, target),
          target,
        ),
        'best candidate with the told kernel': of([blurred, ...separate(best, target.shape)]),
        'network with the told kernel': await merged(best),
      } as Record<Method, number>;
    },
  };
}

/** Square roots of linear light [1, H, W], in which kernels are looked for. */
function rootsOfLight(image: Value): Value {
  const [, , height, width] = image.shape as [number, number, number, number];
  return sqrt(reshape(reduceMean(toLinear(image), [1], true), [1, height, width]));
}

function separate(candidates: Tensor, shape: readonly number[]): Tensor[] {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return Array.from({ length: candidates.data.length / size }, (_, index) =>
    tensor(shape, clipped(candidates.data.subarray(index * size, (index + 1) * size))),
  );
}

function clipped(data: Float32Array): Float32Array {
  return data.map((value) => Math.min(1, Math.max(0, value)));
}

/** In every block the choice that is nearest to the target there. */
function bestBlocks(choices: readonly Tensor[], target: Tensor): Tensor {
  const [channels, height, width] = target.shape as [number, number, number];
  const made = tensor(target.shape);
  for (let top = 0; top < height; top += BLOCK)
    for (let left = 0; left < width; left += BLOCK) {
      const places: number[] = [];
      for (let channel = 0; channel < channels; channel++)
        for (let row = top; row < Math.min(height, top + BLOCK); row++)
          for (let column = left; column < Math.min(width, left + BLOCK); column++)
            places.push((channel * height + row) * width + column);
      const errors = choices.map(({ data }) =>
        places.reduce((sum, place) => sum + (data[place]! - target.data[place]!) ** 2, 0),
      );
      const best = choices[errors.indexOf(Math.min(...errors))]!;
      for (const place of places) made.data[place] = best.data[place]!;
    }
  return made;
}

if (values.help || positionals.length === 0) {
  process.stdout.write(`${USAGE}\n`);
} else {
  const runner = await createLocalRunner({ threads: Number(values.threads) });
  const { processor, cores, node } = describeMachine();
  const lines = [
    `Measured on ${new Date().toISOString().slice(0, 10)} by \`npm run ceilings -- ${process.argv
      .slice(2)
      .join(' ')}\`: ${processor}, ${cores} cores, Node ${node}.\n`,
    '| images | method | PSNR, dB | gained |',
    '|---|---|---|---|',
  ];
  let ceilings: Ceilings | undefined;
  for (const folder of positionals) {
    const sums = new Map<Method, number>();
    const names = (await readdir(join(folder, 'input'))).sort();
    for (const name of names) {
      const { tensor: blurred } = await decodeImage(join(folder, 'input', name));
      const { tensor: target } = await decodeImage(join(folder, 'target', name));
      const side = blurred.shape[1]!;
      if (blurred.shape[2] !== side || (ceilings !== undefined && ceilings.side !== side))
        throw new ParameterError('PAIRS', 'square images of one size', blurred.shape.join(' x '));
      ceilings ??= await ceilingsOf(runner, side);
      const figures = await ceilings.measure(blurred, target);
      for (const method of methods) sums.set(method, (sums.get(method) ?? 0) + figures[method]);
    }
    const mean = (method: Method): number => sums.get(method)! / names.length;
    for (const method of methods)
      lines.push(
        `| ${basename(folder)} | ${method} | ${mean(method).toFixed(2)} | ${(mean(method) - mean('blurred')).toFixed(2)} |`,
      );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  await runner.dispose();
}
