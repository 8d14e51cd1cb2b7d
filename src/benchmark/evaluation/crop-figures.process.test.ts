import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDataset } from '../../datasets/open-dataset.js';
import { writeTestImage } from '../../datasets/testing/files.js';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { testEngine } from '../../engine/testing/runners.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { decodeImage, decodeImageBytes } from '../../images/decode.js';
import { writeImage } from '../../images/encode.js';
import { quantise } from '../../images/raster.js';
import { enlargeNearest } from '../../reports/page.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped } from '../../tensor/window.js';
import { type EvaluateCall, evaluate } from './evaluate.js';
import { benchmarkItems, loadItem } from './items.js';
import { evaluationTasks } from './tasks.js';

const reductionBy4 = evaluationTasks.sr4.degradation;

const engine = testEngine({ processes: 1 });

const photographs = await temporaryFolder();
for (const name of ['a', 'b'])
  await writeTestImage(join(photographs, `${name}.png`), { width: 41, height: 32 });
/** Somebody's images: the targets, but for a square of b. */
const theirs = await temporaryFolder();
const area = { left: 17, top: 6, width: 12, height: 12 };
const { tensor: changed } = await decodeImage(join(photographs, 'b.png'));
for (let y = area.top; y < area.top + 12; y += 1)
  for (let x = area.left; x < area.left + 12; x += 1)
    changed.data[y * 41 + x] = 1 - Math.round(changed.data[y * 41 + x]!);
await writeImage(join(theirs, 'b.png'), { tensor: changed, bitDepth: 8 });
const { tensor: kept } = await decodeImage(join(photographs, 'a.png'));
await writeImage(join(theirs, 'a.png'), { tensor: kept, bitDepth: 8 });

async function run(changes: Partial<EvaluateCall> = {}) {
  const output = join(await temporaryFolder(), 'results');
  await evaluate({
    ...{ datasets: [photographs], methods: [{ kind: 'bicubic', name: 'bicubic' }] },
    ...{ metrics: ['psnr', 'ssim'], task: 'sr4', threads: 1, engine, ...changes, output },
  });
  const html = await readFile(join(output, 'results.html'), 'utf8');
  const { crops } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'));
  const images = new Map<string, Tensor>();
  for (const [, name, base64] of html.matchAll(
    /<img class="pixelated"[^>]*alt="([^"]*)" src="data:image\/png;base64,([^"]*)"/g,
  ))
    images.set(name!, (await decodeImageBytes(Buffer.from(base64!, 'base64'))).tensor);
  return { html, crops, images, output };
}

const bytes = (image: Tensor) => quantise([image], 8);

test('a crop shows input, methods and target with the pixels they have there', async () => {
  const crops = { given: [{ item: 'b', left: 9, top: 3, size: 10 }], automatic: 0 };
  const { images, html, output } = await run({ crops });
  const rectangle = { left: 9, top: 3, width: 10, height: 10 };
  const items = benchmarkItems(await openDataset(photographs), { degradation: reductionBy4 });
  const { input, target } = await loadItem(items.find(({ name }) => name === 'b')!);
  const expected = {
    'b: input': enlargeNearest(input as Tensor, 4, rectangle),
    'b: bicubic': cropped(resizeBicubic(input as Tensor, { scale: 4 }), rectangle),
    'b: target': cropped(target, rectangle),
  };
  expect([...images.keys()]).toEqual(Object.keys(expected));
  for (const [name, image] of Object.entries(expected))
    expect(bytes(images.get(name)!), name).toEqual(bytes(image));
  expect(html).toContain('<code>--crops b:9,3,10</code>');
  expect(await readdir(join(output, 'images'), { recursive: true })).toContain(
    join(
      photographs
        .split('/')
        .at(-1)!
        .replace(/^[.-]+/, ''),
      'bicubic',
      'b.png',
    ),
  );
});

test('without a name the crop is where methods differ most, or one from its target', async () => {
  const alone = { kind: 'outputs', name: 'theirs', folder: theirs } as const;
  const copy = { kind: 'outputs', name: 'truth', folder: photographs } as const;
  for (const methods of [[alone], [alone, copy]]) {
    const { crops } = await run({ methods, saveImages: true, crops: undefined });
    // The square that is looked for is larger than the image is high.
    const [first] = crops;
    expect(first).toMatchObject({ item: 'b', top: 0, width: 32, height: 32 });
    expect(first.left).toBeLessThanOrEqual(9);
    expect(crops).toHaveLength(2);
  }
});

test('a page has no crops unless images are kept, and keeps those of the named example', async () => {
  const { html, output } = await run();
  expect(html).not.toContain('<h3>Crops');
  expect(await readdir(output)).not.toContain('images');
  const none = await run({ saveImages: true, crops: { given: [], automatic: 0 } });
  expect(none.html).not.toContain('<h3>Crops');
});

test.each([
  [{ item: 'c', left: 0, top: 0, size: 4 }, 'crops: expected examples such as a'],
  [{ item: 'a', left: 37, top: 0, size: 4 }, 'a square within the 40 x 32 pixels of a'],
  [{ item: 'a', left: 0, top: 0, size: 0 }, 'a square within'],
])('%j is refused before anything is measured', async (square, message) => {
  const output = join(await temporaryFolder(), 'results');
  const call = run({ crops: { given: [square], automatic: 0 }, output });
  await expect(call).rejects.toThrow(message);
  await expect(readdir(output)).rejects.toThrow();
});
