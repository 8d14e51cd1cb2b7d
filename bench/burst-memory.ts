import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawCamera } from '../src/degradation/camera/camera.js';
import { writeMosaic } from '../src/raw/mosaic-file.js';
import { tensor } from '../src/tensor/tensor.js';
import { measuredOn } from './machine.js';
import { runWatched } from './resident.js';
import { gibibytes, writeTrivialPack } from './trivial-pack.js';

/**
 * Restores a burst of mosaics with trivial networks through the command line and measures the
 * resident memory of all its processes together. Linux only.
 *
 * A case is the scale and how many of the frames, which are all read and held, the network takes.
 *
 *   npx tsx bench/burst-memory.ts -o docs/burst-memory.md
 */
const { values } = parseArgs({
  options: {
    output: { type: 'string', short: 'o' },
    width: { type: 'string', default: '4000' },
    height: { type: 'string', default: '3000' },
    frames: { type: 'string', default: '8' },
    cases: { type: 'string', default: '1:8,4:1' },
    format: { type: 'string', default: 'png' },
  },
});

/** As small as they can be and still do every part's work. */
const modules = {
  restorer: [
    'compact-burst',
    {
      ...{ scale: 4, features: 4, encoderBlocks: 0, trunkFeatures: 2, trunkBlocks: 0 },
      ...{ flowLevels: 1, window: 0.5, maxFlow: 1 },
    },
  ],
  denoiser: ['unshuffled-unet', { unshuffle: 2, widths: [4], blocks: 1 }],
  fusion: ['fusion', { features: 2, growth: 2, unshuffle: 2, residual: true }],
} as const;

const folder = await mkdtemp(join(tmpdir(), 'dp-ir-burst-memory-'));
try {
  const size = [Number(values.height), Number(values.width)] as const;
  const shots = await writeBurst(size, Number(values.frames));
  const pack = await writeTrivialPack(join(folder, 'pack'), modules, { task: 'burst', tile: 1024 });
  const rows: string[] = [];
  for (const [scale, used] of values.cases.split(',').map((own) => own.split(':'))) {
    const output = join(folder, `out.${values.format}`);
    const argv = ['restore', '-i', shots, '-o', output, '--model', pack, '--scale', scale!];
    argv.push('--reference', '0', '--frames', used!);
    const { code, seconds, together } = await runWatched(argv);
    if (code !== 0) throw new Error(`dp-ir ended with ${code}`);
    const { size: bytes } = await stat(output);
    const [height, width] = size.map((side) => side * Number(scale));
    rows.push(
      `| ${scale} | ${used} | ${width} x ${height} | ${gibibytes(together)} | ${Math.round(seconds)} s | ${gibibytes(bytes)} |`,
    );
    console.log(rows.at(-1));
    await rm(output);
  }
  if (values.output !== undefined) await writeFile(values.output, document(rows));
} finally {
  await rm(folder, { recursive: true });
}

async function writeBurst([height, width]: readonly [number, number], count: number) {
  const shots = join(folder, 'shots');
  await mkdir(shots);
  const packed = tensor([4, height / 2, width / 2]);
  for (let place = 0; place < packed.data.length; place += 1)
    packed.data[place] = 0.2 + 0.15 * Math.sin(0.003 * place) + 0.01 * ((place * 0.618034) % 1);
  const name = (frame: number, extension: string) => join(shots, `frame-${frame}.${extension}`);
  const metadata = { camera: drawCamera(1, 0), orientation: 1 } as const;
  const sensor = { width, height, phase: 'RGGB' } as const;
  await writeMosaic(name(0, 'png'), { name: 'frame', packed, metadata, sensor, notes: [] });
  for (let frame = 1; frame < count; frame += 1)
    for (const extension of ['png', 'json'])
      await copyFile(name(0, extension), name(frame, extension));
  return shots;
}

function document(rows: readonly string[]): string {
  const megapixels = Math.round((Number(values.width) * Number(values.height)) / 1e6);
  return `# Memory of large bursts

\`dp-ir restore\` of ${values.frames} frames of ${megapixels} megapixels (16-bit mosaics) with a pack of trivial networks that makes four pixels of one: the pipeline's own memory, to which real networks add what their tiles take. All frames are read and held, whatever the network takes of them. Measured is the most resident memory of all processes together, sampled every 20 ms. At scale 1 the networks' output is reduced tile by tile; a result of more than 2^25 pixels goes through the chain in regions of 4096 pixels a side, whose rows are written as they are finished.

| scale | frames that the network takes | result | peak resident | time | file (16-bit ${values.format.toUpperCase()}) |
|---:|---:|---|---:|---:|---:|
${rows.join('\n')}

${measuredOn()}; other work kept the cores busy. \`npx tsx bench/burst-memory.ts -o docs/burst-memory.md\`.
`;
}
