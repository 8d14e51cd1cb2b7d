import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { openWriter } from '../src/images/streamed-writer.js';
import { listPaths, resultPaths } from '../src/restore-files/samples.js';
import { measuredOn } from './machine.js';
import { runWatched } from './resident.js';
import { gibibytes, writeTrivialPack } from './trivial-pack.js';

/**
 * Restores images of up to a gigapixel with trivial networks through the command line, from file
 * to file, and measures the resident memory of all its processes together. Linux only.
 *
 * A case is TASK:WIDTHxHEIGHT of the result; `deblur` has an input of the same size, `sr4` one of a
 * sixteenth. The images are made here, row by row.
 *
 *   npx tsx bench/gigapixel.ts --cases sr4:32768x32768,deblur:32768x32768 -o gigapixel.md
 */
const { values } = parseArgs({
  options: {
    output: { type: 'string', short: 'o' },
    cases: { type: 'string', default: 'sr4:32768x32768,deblur:32768x32768' },
    input: { type: 'string', default: 'png' },
    format: { type: 'string', default: 'png' },
    memory: { type: 'string' },
    samples: { type: 'string' },
    mean: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
  },
});

const scales = { sr4: 4, deblur: 1 } as const;
type TaskName = keyof typeof scales;

/** As small as they can be and still do every part's work. */
const folded = { unshuffle: 8, widths: [8], blocks: 1 };
const denoiser = ['unshuffled-unet', folded] as const;
const fusion = ['fusion', { features: 8, growth: 2, unshuffle: 8, residual: true }] as const;
const modules = {
  sr4: { restorer: ['compact-restorer', { scale: 4, features: 2, blocks: 1 }], denoiser, fusion },
  deblur: {
    restorer: ['unshuffled-unet', { ...folded, prediction: 'residual' }],
    denoiser,
    fusion,
  },
} as const;

const folder = await mkdtemp(join(values.folder, 'dp-ir-gigapixel-'));
try {
  const rows: string[] = [];
  for (const [task, size] of values.cases.split(',').map((own) => own.split(':'))) {
    const [width, height] = size!.split('x').map(Number) as [number, number];
    rows.push(await measure(task as TaskName, { width, height }));
    console.log(rows.at(-1));
  }
  if (values.output !== undefined) await writeFile(values.output, document(rows));
} finally {
  await rm(folder, { recursive: true });
}

interface Size {
  readonly width: number;
  readonly height: number;
}

async function measure(task: TaskName, result: Size): Promise<string> {
  const scale = scales[task];
  const small = { width: result.width / scale, height: result.height / scale };
  const input = join(folder, `input.${values.input}`);
  const output = join(folder, `output.${values.format}`);
  await writeTestImage(input, small);
  const argv = [
    'restore',
    '-i',
    input,
    '-o',
    output,
    '--model',
    await writeTrivialPack(join(folder, task), modules[task], { task, tile: 2048 }),
  ];
  argv.push('--max-pixels', String(result.width * result.height));
  for (const name of ['memory', 'samples', 'mean'] as const)
    if (values[name] !== undefined) argv.push(`--${name}`, values[name]);
  const { code, seconds, together, processes } = await runWatched(argv);
  if (code !== 0) throw new Error(`dp-ir ended with ${code}`);
  const { size: read } = await stat(input);
  const requested = { samples: values.samples, mean: values.mean };
  const files = listPaths(resultPaths(output, mapNumbers(requested)));
  let written = 0;
  for (const file of files) {
    written += (await stat(file)).size;
    await requireWhole(file, result);
    await rm(file);
  }
  await rm(input);
  const sides = [small, result].map(({ width, height }) => `${width} x ${height}`).join(' | ');
  return `| ${task} | ${sides} | ${gibibytes(together)} | ${gibibytes(Math.max(...processes))} | ${Math.round(seconds)} s | ${gibibytes(read)} | ${gibibytes(written)} |`;
}

function mapNumbers<Key extends string>(texts: Record<Key, string | undefined>) {
  const entries = Object.entries<string | undefined>(texts);
  const known = entries.filter(([, text]) => text !== undefined);
  return Object.fromEntries(known.map(([key, text]) => [key, Number(text)]));
}

/** Waves with noise on them, eight bits a sample. */
async function writeTestImage(path: string, { width, height: all }: Size): Promise<void> {
  const layout = { width, height: all, channels: 3, bitDepth: 8 } as const;
  const writer = await openWriter(path, layout);
  const noise = Int8Array.from(
    { length: 2 ** 16 },
    (_, place) => (Math.imul(place + 1, 2654435761) >>> 28) - 8,
  );
  const ROWS = 128;
  for (let top = 0; top < all; top += ROWS) {
    const height = Math.min(ROWS, all - top);
    const samples = new Uint8Array(height * width * 3);
    for (let row = 0; row < height; row += 1) {
      const y = top + row;
      const shift = Math.imul(y + 1, 40503) & 0xffff;
      const level = 128 + 60 * Math.sin(y / 37);
      const start = row * width * 3;
      for (let place = 0; place < width * 3; place += 1) {
        const wave = (place >>> 6) & 63;
        samples[start + place] = level + wave + noise[(place + shift) & 0xffff]!;
      }
    }
    await writer.write({ width: width, height, channels: 3, samples });
  }
  await writer.finish();
}

/** Decodes the file to its last row. */
async function requireWhole(path: string, { width, height }: Size): Promise<void> {
  const options = { limitInputPixels: false, sequentialRead: true, failOn: 'truncated' } as const;
  const corner = await sharp(path, options)
    .extract({ left: width - 64, top: height - 64, width: 64, height: 64 })
    .raw()
    .toBuffer();
  if (new Set(corner).size < 8) throw new Error(`${path}: the last rows are empty`);
}

function document(rows: readonly string[]): string {
  return `| task | input | result | peak resident | engine alone | time | input file (${values.input.toUpperCase()}) | result file (${values.format.toUpperCase()}) |
|---|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}

${measuredOn()}.
`;
}
