import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { openStreamed } from '../src/images/streamed-reader.js';

/**
 * Decodes images of every format onto the disk, each in a process of its own, and prints the most
 * memory that was resident beyond what the process has without an image.
 *
 *   npx tsx bench/decoder-memory.ts [width] [height]
 */
const self = fileURLToPath(import.meta.url);

if (process.send !== undefined) await decode(process.argv[2]!);
else await measure(Number(process.argv[2] ?? 12288), Number(process.argv[3] ?? 8192));

async function decode(path: string): Promise<void> {
  const before = process.resourceUsage().maxRSS;
  const limits = { maxPixels: 2 ** 31, maxBytes: 2 ** 34 };
  const { pixels } = await openStreamed(path, { limits });
  await pixels.close();
  process.send!({ kibibytes: process.resourceUsage().maxRSS - before });
}

async function measure(width: number, height: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dp-ir-decoder-memory-'));
  try {
    const create = { width, height, channels: 3, background: 'grey' } as const;
    const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const;
    const source = join(folder, 'source.tiff');
    const options = { limitInputPixels: false } as const;
    await sharp({ create: { ...create, noise }, ...options })
      .tiff({ compression: 'none' })
      .toFile(source);
    const image = (): Sharp => sharp(source, options);
    const forms: readonly (readonly [string, Sharp])[] = [
      ['PNG', image().png({ compressionLevel: 1 })],
      ['PNG, interlaced', image().png({ compressionLevel: 1, progressive: true })],
      ['TIFF, strips', image().tiff({ compression: 'lzw' })],
      ['TIFF, tiles', image().tiff({ compression: 'lzw', tile: true })],
      ['JPEG', image().jpeg()],
      ['JPEG, progressive', image().jpeg({ progressive: true })],
      ['JPEG, turned by 90 degrees', image().withMetadata({ orientation: 6 }).jpeg()],
      ['WebP', image().webp({ effort: 0 })],
    ];
    for (const [name, made] of forms) {
      const path = join(folder, 'image');
      await made.toFormat(name.split(/[ ,]/)[0]!.toLowerCase() as 'png').toFile(path);
      const { kibibytes } = await answer(path);
      console.log(`| ${name} | ${Math.round(kibibytes / 1024)} MiB |`);
      await rm(path);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function answer(path: string): Promise<{ kibibytes: number }> {
  return new Promise((resolve, reject) => {
    const child = fork(self, [path]);
    child.once('message', (message) => resolve(message as { kibibytes: number }));
    child.once('error', reject);
    child.once('exit', (code) => code !== 0 && reject(new Error(`ended with ${code}`)));
  });
}
