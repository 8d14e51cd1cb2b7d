import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { writePack } from '../src/models/write-pack.js';
import { parseConfiguration } from '../src/networks/network.js';
import { findImageNetwork } from '../src/networks/registry.js';
import { fillNormal } from '../src/tensor/random.js';
import { initialWeights } from '../src/training/initial-weights.js';
import { declaredParameters, encodeModule } from '../src/weights/module-file.js';
import { runWatched } from './resident.js';

/**
 * Restores a square image with untrained compact networks through the command line and prints
 * the resident memory of all its processes together, sampled from /proc. Linux only.
 */
const { values } = parseArgs({
  options: {
    side: { type: 'string', default: '1024' },
    steps: { type: 'string', default: '2' },
    tile: { type: 'string', default: '' },
    model: { type: 'string', default: '' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'dp-ir-memory-'));
try {
  const input = join(folder, 'in.png');
  await writeNoise(input, Number(values.side));
  const argv = ['restore', '-i', input, '-o', join(folder, 'out.png')];
  argv.push('--model', values.model === '' ? await untrainedPack(folder) : values.model);
  argv.push('--steps', values.steps, ...(values.tile === '' ? [] : ['--tile', values.tile]));
  await measure(argv);
} finally {
  await rm(folder, { recursive: true });
}

async function measure(argv: readonly string[]): Promise<void> {
  const { code, seconds, together, processes } = await runWatched(argv);
  console.log(`exit code ${code}, ${seconds.toFixed(1)} s`);
  const parts = processes.map(inMebibytes).join(' + ');
  console.log(`peak resident: ${inMebibytes(together)} together; each process: ${parts}`);
  process.exitCode = code ?? 1;
}

async function untrainedPack(parent: string): Promise<string> {
  const write = async (role: string, name: string, stated: unknown): Promise<string> => {
    const network = findImageNetwork(name)!;
    const config = parseConfiguration(network, stated);
    const weights = initialWeights(declaredParameters(network, config), 0);
    const path = join(parent, `${role}.safetensors`);
    await writeFile(path, encodeModule({ network, config, weights }));
    return path;
  };
  const files = {
    restorer: await write('restorer', 'compact-restorer', { scale: 4, features: 48, blocks: 8 }),
    denoiser: await write('denoiser', 'unshuffled-unet', {
      unshuffle: 2,
      widths: [32, 64, 128],
      blocks: 2,
    }),
    fusion: await write('fusion', 'fusion', {
      features: 32,
      growth: 16,
      unshuffle: 2,
      residual: true,
    }),
  };
  const path = join(parent, 'pack');
  const sampler = { tau: 250, steps: 10 };
  await writePack(path, { name: 'untrained', task: 'sr4', sampler, tMax: 250, tile: 1536, files });
  return path;
}

async function writeNoise(path: string, side: number): Promise<void> {
  const noise = new Float32Array(3 * side * side);
  fillNormal(noise, 0, 0);
  const raw = Uint8ClampedArray.from(noise, (value) => 128 + 40 * value);
  await sharp(raw, { raw: { width: side, height: side, channels: 3 } }).toFile(path);
}

function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
