import { parseArgs } from 'node:util';
import { openMetrics } from '../src/benchmark/metrics/open-metrics.js';
import { createPerceptualMetric } from '../src/benchmark/metrics/perceptual.js';
import { createLocalRunner } from '../src/engine/local-runner.js';
import { deadLeaves, withNoise } from '../src/metrics/testing/dead-leaves.js';
import { storeFolder } from '../src/models/pull/pull-model.js';
import { findPerceptualNetwork } from '../src/networks/registry.js';
import type { Tensor } from '../src/tensor/tensor.js';
import { madeUpPerceptualModule } from '../src/weights/testing/perceptual-modules.js';
import { describeMachine } from './machine.js';
import { median } from './statistics.js';

/**
 * Pairs of images that one core judges in a minute, decoding apart: the median over rounds, each
 * of them on an image that the metric has not seen, against the same target. CPU time counts, so
 * that other work on the machine weighs little.
 *
 *   npx tsx bench/metrics.ts [--side 1000] [--rounds 5] [--metrics psnr,ssim,...]
 */
const { values } = parseArgs({
  options: {
    side: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
    metrics: {
      type: 'string',
      default:
        'psnr,psnr:y:4,ssim,ssim:y:4,ms-ssim,ms-ssim:y,log-spectral,niqe,niqe-delta,aligned-psnr,haarpsi,gmsd,flip,ssimulacra2,grain-y,lpips-alex,lpips-squeeze',
    },
  },
});
const side = Number(values.side);
const rounds = Number(values.rounds);

const target = deadLeaves(1, side, side);
const images = Array.from({ length: rounds + 1 }, (_, index) =>
  shifted(withNoise(target, 0.02, index + 1), index % 3),
);

console.log(JSON.stringify(describeMachine()));
console.log(`| metric | CPU seconds for ${(side * side) / 1e6} megapixels | pairs per minute |`);
console.log('|---|---:|---:|');
const runner = await createLocalRunner({ threads: 1 });
try {
  for (const request of values.metrics.split(',')) {
    const { measure, note } = await judge(request);
    const seconds: number[] = [];
    for (const [index, image] of images.entries()) {
      const before = process.cpuUsage();
      await measure(image, target);
      const { user, system } = process.cpuUsage(before);
      if (index > 0) seconds.push((user + system) / 1e6);
    }
    const middle = median(seconds);
    console.log(`| ${request}${note} | ${middle.toFixed(3)} | ${Math.floor(60 / middle)} |`);
  }
} finally {
  await runner.dispose();
}

/** A metric; the time of a network whose weights are not here is taken with made-up ones. */
async function judge(request: string) {
  // Each for itself: metrics that are opened together share what they know of an image.
  const [each] = await openMetrics([request], { store: storeFolder() }, async () => runner);
  if (each !== undefined && 'metric' in each && each.metric.input !== 'set')
    return { measure: each.metric.measure, note: '' };
  const network = findPerceptualNetwork(request);
  if (network === undefined) throw new Error(`${request} cannot be measured here`);
  const score = createPerceptualMetric(madeUpPerceptualModule(network), runner);
  const measure = (image: Tensor, reference: Tensor) =>
    network.images === 2 ? score(image, reference) : score(image);
  return { measure, note: ' ◦' };
}

/** The image moved to the right, so that there is something to align. */
function shifted({ shape, data, ...rest }: Tensor, by: number): Tensor {
  const width = shape[2]!;
  const moved = data.map((_, at) => data[at - Math.min(by, at % width)]!);
  return { ...rest, shape, data: moved };
}
