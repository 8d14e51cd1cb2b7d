import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { writePack } from '../src/app/write-pack.js';
import { declaredParameters, encodeModule } from '../src/checkpoints/module-file.js';
import { parseConfiguration } from '../src/networks/configuration.js';
import { findNetwork } from '../src/networks/registry.js';
import { fillNormal } from '../src/tensor/random.js';
import { initialWeights } from '../src/training/initialise.js';

/**
 * Restores a square picture with untrained compact networks through the command line and prints
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
  const main = join(import.meta.dirname, '../src/cli/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...argv], { stdio: 'inherit' });
  const started = performance.now();
  let code: number | null | undefined;
  child.on('close', (status) => {
    code = status;
  });
  const peak = { together: 0, byProcess: new Map<number, number>() };
  while (code === undefined) {
    const resident = await residentOf(child.pid!);
    peak.together = Math.max(peak.together, sum(resident.values()));
    for (const [pid, bytes] of resident)
      peak.byProcess.set(pid, Math.max(bytes, peak.byProcess.get(pid) ?? 0));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const parts = [...peak.byProcess.values()].map(inMebibytes).join(' + ');
  console.log(`exit code ${code}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  console.log(`peak resident: ${inMebibytes(peak.together)} together; each process: ${parts}`);
  process.exitCode = code ?? 1;
}

/** Resident bytes of a process and all below it. */
async function residentOf(root: number): Promise<Map<number, number>> {
  const resident = new Map<number, number>();
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    try {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      resident.set(pid, 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
      for (const thread of await readdir(`/proc/${pid}/task`)) {
        const children = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8');
        waiting.push(...children.split(' ').filter(Boolean).map(Number));
      }
    } catch {
      // The process has ended in the meantime.
    }
  }
  return resident;
}

async function untrainedPack(parent: string): Promise<string> {
  const write = async (role: string, name: string, stated: unknown): Promise<string> => {
    const network = findNetwork(name)!;
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

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
