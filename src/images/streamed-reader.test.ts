import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import type { Tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { DpirError, InputError, LimitError, OutputError } from '../utils/errors.js';
import { alphaPlane, colourPlanes, decodeImage } from './decode.js';
import { openStreamed, readRows, type StreamedImage } from './streamed-reader.js';

const folder = await temporaryFolder();

const [width, height] = [67, 45];

/** An image of noise, which no two pixels of share. */
function image(channels: 1 | 2 | 3 | 4, bitDepth: 8 | 16 = 8) {
  const length = width * height * channels;
  const value = (place: number): number => (Math.imul(place + 1, 2654435761) >>> 12) & 0xffff;
  const samples =
    bitDepth === 16
      ? Uint16Array.from({ length }, (_, place) => value(place))
      : Uint8Array.from({ length }, (_, place) => value(place));
  const own = sharp(samples, { raw: { width, height, channels } });
  if (bitDepth === 8) return channels <= 2 ? own.toColourspace('b-w') : own;
  return own.toColourspace(channels <= 2 ? 'grey16' : 'rgb16');
}

let files = 0;
async function saved(bytes: Uint8Array): Promise<string> {
  files += 1;
  const path = join(folder, `image-${files}`);
  await writeFile(path, bytes);
  return path;
}

/** Rows of a streamed image, a few at a time, as planes. */
async function planesOf(streamed: StreamedImage, alpha: boolean, step = 7): Promise<number[][]> {
  const { pixels } = streamed;
  const planes: number[][] = [];
  for (let row = 0; row < pixels.height; row += step) {
    const raster = await readRows(pixels, row, Math.min(step, pixels.height - row));
    const { shape, data } = alpha ? alphaPlane(raster) : colourPlanes(raster);
    const area = shape[1]! * shape[2]!;
    for (let plane = 0; plane < shape[0]!; plane += 1) {
      const own = data.subarray(plane * area, (plane + 1) * area);
      planes[plane] = [...(planes[plane] ?? []), ...own];
    }
  }
  return planes;
}

async function expectEqual(path: string): Promise<void> {
  const { tensor, alpha, ...kept } = await decodeImage(path);
  const streamed = await openStreamed(path);
  try {
    const { pixels, hasAlpha, ...own } = streamed;
    expect(own).toEqual(kept);
    expect([pixels.height, pixels.width]).toEqual(tensor.shape.slice(1));
    expect(hasAlpha).toBe(alpha !== undefined);
    expect((await planesOf(streamed, false)).flat()).toEqual([...tensor.data]);
    if (alpha !== undefined)
      expect((await planesOf(streamed, true)).flat()).toEqual([...alpha.data]);
    await expectParts(streamed, tensor);
  } finally {
    await streamed.pixels.close();
  }
}

async function expectParts({ pixels }: StreamedImage, whole: Tensor): Promise<void> {
  const [, tall, wide] = whole.shape as [number, number, number];
  for (const [top, left, rows, columns] of [
    [0, 0, 5, 3],
    [tall - 9, wide - 4, 9, 4],
    [11, 2, 1, wide - 2],
  ] as const) {
    const place = { top, left, height: rows, width: columns };
    expect(colourPlanes(await pixels.read(place))).toEqual(cropped(whole, place));
  }
}

test.each([
  ['png', 3, 8],
  ['png', 1, 8],
  ['png', 2, 8],
  ['png', 4, 8],
  ['png', 3, 16],
  ['png', 1, 16],
  ['png', 4, 16],
  ['tiff', 3, 8],
  ['tiff', 1, 16],
  ['tiff', 4, 16],
  ['jpeg', 3, 8],
  ['jpeg', 1, 8],
  ['webp', 4, 8],
  ['avif', 3, 8],
] as const)(
  '%s of %i channels of %i bits: parts are those of the whole',
  async (format, channels, bits) => {
    await expectEqual(await saved(await image(channels, bits).toFormat(format).toBuffer()));
  },
);

test.each([
  ['interlaced PNG', image(3).png({ progressive: true })],
  ['palette PNG', image(4).png({ palette: true, colours: 16 })],
  ['progressive JPEG', image(3).jpeg({ progressive: true })],
  ['CMYK JPEG', image(3).toColourspace('cmyk').jpeg()],
  ['CMYK TIFF', image(3).toColourspace('cmyk').tiff()],
  ['tiled TIFF', image(3).tiff({ tile: true, tileWidth: 16, tileHeight: 16 })],
  ['wide-gamut PNG', image(3).withIccProfile('p3').png()],
])('%s: parts are those of the whole', async (_name, made) => {
  await expectEqual(await saved(await made.toBuffer()));
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %i is applied', async (orientation) => {
  const turned = image(3).withMetadata({ orientation });
  await expectEqual(await saved(await turned.jpeg().toBuffer()));
  await expectEqual(
    await saved(await image(4, 16).withMetadata({ orientation }).tiff().toBuffer()),
  );
});

test('nothing is left beside the image, even while it is open', async () => {
  const own = join(folder, 'alone');
  await mkdir(own);
  const path = join(own, 'image.png');
  await writeFile(path, await image(3).png().toBuffer());
  const { pixels } = await openStreamed(path);
  expect(await readdir(own)).toEqual(['image.png']);
  await pixels.close();
  await pixels.close();
});

test.each(['png', 'jpeg', 'tiff'] as const)(
  'a damaged %s is refused and leaves nothing',
  async (format) => {
    const own = join(folder, `damaged-${format}`);
    await mkdir(own);
    const path = join(own, 'image');
    const bytes = await image(3).toFormat(format).toBuffer();
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    await expect(openStreamed(path)).rejects.toThrow(InputError);
    expect(await readdir(own)).toEqual(['image']);
  },
);

test('limits, missing files and other files are refused before anything is decoded', async () => {
  const path = await saved(await image(3).png().toBuffer());
  const refused = (name: string, limits: object) => openStreamed(name, { limits });
  await expect(refused(path, { maxPixels: 100 })).rejects.toThrow(LimitError);
  await expect(refused(path, { maxBytes: 100 })).rejects.toThrow(LimitError);
  await expect(refused(join(folder, 'missing.png'), {})).rejects.toThrow(InputError);
  await expect(refused(await saved(Buffer.from('text')), {})).rejects.toThrow(InputError);
  await expect(refused(await saved(Buffer.alloc(0)), {})).rejects.toThrow('empty');
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written to is named', async () => {
  const path = await saved(await image(3).png().toBuffer());
  const locked = join(folder, 'locked');
  await mkdir(locked);
  await chmod(locked, 0o500);
  await expect(openStreamed(path, { beside: join(locked, 'result.png') })).rejects.toThrow(
    OutputError,
  );
});

test('a folder that does not exist is an error of the output', async () => {
  const path = await saved(await image(3).png().toBuffer());
  const call = openStreamed(path, { beside: join(folder, 'nowhere', 'result.png') });
  await expect(call).rejects.toThrow(OutputError);
  await expect(call).rejects.toThrow(DpirError);
  expect((await readFile(path)).length).toBeGreaterThan(0);
});
