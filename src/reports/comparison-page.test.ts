import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { decodeImageBytes } from '../images/decode.js';
import { encodeImage } from '../images/encode.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { InputError, OutputError, ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import {
  comparisonScript,
  type PageItem,
  renderComparisonPage,
  writeComparisonPage,
} from './comparison-page.js';

function pattern(height: number, width: number, factor: number): Tensor {
  const image = tensor([3, height, width]);
  for (let index = 0; index < image.data.length; index++)
    image.data[index] = ((index * factor) % 256) / 255;
  return image;
}

const small = pattern(5, 7, 31);
const large = pattern(20, 28, 57);
const pngOf = (image: Tensor) => encodeImage({ tensor: image, bitDepth: 8 }, 'png');

async function item(changes: Partial<PageItem> = {}): Promise<PageItem> {
  return {
    name: 'an image',
    layers: [
      { label: 'before', png: await pngOf(small), note: 'as it was' },
      { label: 'after', png: await pngOf(large) },
    ],
    facts: [{ name: 'Time', value: '3 s' }],
    ...changes,
  };
}

/** The images that stand in figures, in their order. */
function embedded(html: string): Buffer[] {
  const sources = html.matchAll(/<figure><img[^>]* src="data:image\/png;base64,([^"]*)"/g);
  return [...sources].map(([, base64]) => Buffer.from(base64!, 'base64'));
}

test('every layer is in the page with the pixels it had', async () => {
  const html = await renderComparisonPage({ title: 't', items: [await item(), await item()] });
  const images = await Promise.all(embedded(html).map((png) => decodeImageBytes(png)));
  expect(images.map(({ tensor: { shape } }) => shape)).toEqual([
    small.shape,
    large.shape,
    small.shape,
    large.shape,
  ]);
  expect(images[0]!.tensor.data).toEqual(small.data);
  expect(images[3]!.tensor.data).toEqual(large.data);
});

test('a layer may be a file', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'a.png');
  await writeFile(file, await pngOf(large));
  const layers = [{ label: 'only', png: file }];
  const html = await renderComparisonPage({ title: 't', items: [await item({ layers })] });
  expect(embedded(html)).toEqual([await readFile(file)]);
  expect(html).not.toContain('class="viewer"');
});

test('figures carry label, note and size, and the smaller image is not smoothed', async () => {
  const html = await renderComparisonPage({ title: 't', items: [await item()] });
  expect(html).toContain('<img class="pixelated" width="7" height="5" alt="an image: before"');
  expect(html).toContain('<img width="28" height="20" alt="an image: after"');
  expect(html).toContain('<figcaption>before<small>as it was</small></figcaption>');
  expect(html).toContain('<th scope="row">Time</th><td>3 s</td>');
});

test('either side can be any layer, and the first choice is the one asked for', async () => {
  const [before, after] = (await item()).layers;
  const layers = [before!, after!, { ...after!, label: 'third' }];
  const page = { title: 't', items: [await item({ layers, compare: [2, 1] })] };
  const html = await renderComparisonPage(page);
  const selects = [...html.matchAll(/<select name="(left|right)"[^>]*>(.*?)<\/select>/g)];
  expect(selects.map(([, side, options]) => [side, options])).toEqual([
    ['left', '<option>before</option><option>after</option><option selected>third</option>'],
    ['right', '<option>before</option><option selected>after</option><option>third</option>'],
  ]);
});

test('text is never taken for markup', async () => {
  const evil = `<script>alert("1")</script> & 'x'`;
  const layers = (await item()).layers.map((layer) => ({ ...layer, label: evil, note: evil }));
  const html = await renderComparisonPage({
    title: evil,
    introduction: evil,
    items: [
      {
        name: evil,
        layers,
        facts: [{ name: evil, value: evil }],
        measures: { caption: evil, columns: [evil, evil], rows: [[evil, evil]] },
      },
    ],
  });
  expect(html).not.toContain('<script>alert');
  expect(html.match(/<script>/g)).toHaveLength(1);
  const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;';
  // Title twice, introduction, name; per layer two options, two in the alternative text, label and note;
  // facts; caption, two headings and a row of two.
  expect(html.split(escaped)).toHaveLength(1 + 4 + 2 * 6 + 2 + 5);
});

test('the page asks for nothing outside itself and its script is well-formed', async () => {
  const html = await renderComparisonPage({ title: 't', items: [await item()] });
  expect(html).toContain("default-src 'none'; img-src data:;");
  expect(html.replaceAll(/data:image\/png;base64,[^"]*/g, '')).not.toMatch(/https?:|url\(|@import/);
  expect(() => new Function(comparisonScript)).not.toThrow();
});

test('the page is written whole', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'index.html');
  const page = { title: 't', items: [await item()] };
  await writeComparisonPage(path, page);
  expect(await readFile(path, 'utf8')).toBe(await renderComparisonPage(page));
  expect(await readdir(folder)).toEqual(['index.html']);
  await expect(writeComparisonPage(join(folder, 'no', 'a.html'), page)).rejects.toThrow(
    OutputError,
  );
});

test('what is no PNG, or no layer, is refused by name', async () => {
  const bad = async (changes: Partial<PageItem>) =>
    renderComparisonPage({ title: 't', items: [await item(changes)] });
  const text = new TextEncoder().encode('not an image at all, just text');
  await expect(bad({ layers: [{ label: 'x', png: text }] })).rejects.toThrow(
    new InputError('x', 'expected a PNG image'),
  );
  await expect(bad({ layers: [{ label: 'x', png: '/no/such.png' }] })).rejects.toThrow(InputError);
  await expect(bad({ layers: [] })).rejects.toThrow(ParameterError);
  await expect(bad({ compare: [0, 2] })).rejects.toThrow(withSubject('compare'));
});
