import { readInput, unreadableInput } from '../files/input-file.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { Rectangle } from '../tensor/window.js';
import { InputError } from '../utils/errors.js';

const policy =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/** What a page holds; everything but `title` and `data` is markup. */
interface Page {
  readonly title: string;
  /** What stands below the title. */
  readonly body: string;
  /** CSS besides that of every page. */
  readonly style?: string;
  /** JavaScript that runs when the page is there; it must do without modules. */
  readonly script?: string;
  /** What the script reads, each as JSON in an element of this id. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The HTML of a page that needs neither network nor neighbours: browsers refuse it everything else. */
export function renderPage({ title, body, style: own = '', script, data = {} }: Page): string {
  const values = Object.entries(data).map(
    ([id, value]) => `<script type="application/json" id="${id}">${embeddedJson(value)}</script>\n`,
  );
  const code = script === undefined ? '' : `<script>${script}</script>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}${own}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
${values.join('')}${code}</body>
</html>
`;
}

/** JSON that cannot end its element. */
function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** Text as it may stand in HTML, between tags or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The look of every page. */
const style = `
:root { color-scheme: light dark; --ground: #f6f6f4; --sheet: #fff; --ink: #1d1f23; --soft: #5d636e;
  --rule: #d9dbdf; --accent: #1f6feb; --back: #e4e5e8; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14161a; --sheet: #1c1f25; --ink: #e8eaee; --soft: #9aa2af; --rule: #333842;
    --accent: #6ea8ff; --back: #0c0d10; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4em; }
h2 { font-size: 1.15rem; margin: 0 0 .7em; overflow-wrap: anywhere; }
.introduction { color: var(--soft); max-width: 72ch; margin: 0 0 1.6em; }
.item { background: var(--sheet); border: 1px solid var(--rule); border-radius: 12px; padding: 20px;
  margin-bottom: 24px; }
.controls { display: flex; flex-wrap: wrap; gap: 10px 18px; align-items: center; margin-bottom: 12px; }
.controls label { display: flex; gap: 7px; align-items: center; color: var(--soft); font-size: .9rem; }
.controls > span { display: inline-flex; gap: 4px; align-items: center; color: var(--soft);
  font-size: .9rem; }
select, button { font: inherit; font-size: .9rem; color: var(--ink); background: var(--ground);
  border: 1px solid var(--rule); border-radius: 7px; padding: 4px 10px; }
button { cursor: pointer; }
button[aria-pressed='true'] { background: var(--accent); border-color: var(--accent); color: #fff; }
@media (prefers-color-scheme: dark) { button[aria-pressed='true'] { color: #0c0d10; } }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.hint { color: var(--soft); font-size: .84rem; margin: 6px 0 0; }
figure { margin: 0; min-width: 0; }
figure img { width: 100%; height: auto; display: block; border-radius: 6px; background: var(--back); }
.pixelated { image-rendering: pixelated; }
figcaption { font-size: .86rem; margin-top: 5px; overflow-wrap: anywhere; }
figcaption small { display: block; color: var(--soft); font-size: .94em; line-height: 1.35; }
.tables { display: flex; flex-wrap: wrap; gap: 18px 40px; margin-top: 20px; align-items: flex-start; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .84rem; padding-bottom: 4px; }
th, td { text-align: left; padding: 5px 18px 5px 0; border-top: 1px solid var(--rule);
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 500; color: var(--soft); }
.wide { overflow-x: auto; }
.measures td { text-align: right; } .measures thead th:not(:first-child) { text-align: right; }
`;

/** A PNG that a page can carry within itself. */
export interface EmbeddedPng {
  readonly width: number;
  readonly height: number;
  /** A data URI. */
  readonly source: string;
}

/** A page of more is of no use to anybody. */
const MOST_BYTES = 2 ** 28;

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * A PNG as a data URI of the very same bytes.
 * @param png its bytes, or the path of its file.
 * @param name for messages.
 * @throws InputError where the file cannot be read or is no PNG.
 */
export async function embedPng(png: Uint8Array | string, name: string): Promise<EmbeddedPng> {
  const bytes = Buffer.from(typeof png === 'string' ? await load(png) : png);
  if (bytes.length < 24 || signature.some((byte, index) => bytes[index] !== byte))
    throw new InputError(name, 'expected a PNG image');
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    source: `data:image/png;base64,${bytes.toString('base64')}`,
  };
}

/** Side in pixels at which small images are shown, or the least multiple of theirs beyond it. */
const SHOWN = 190;

/** The markup of a small PNG, each pixel enlarged to a square. */
export async function pixelatedImage(png: Uint8Array, text: string): Promise<string> {
  const { width, height, source } = await embedPng(png, text);
  const factor = Math.max(1, Math.ceil(SHOWN / Math.max(width, height)));
  return `<img class="pixelated" width="${width}" height="${height}" style="width:${width * factor}px" alt="${escapeHtml(text)}" src="${source}">`;
}

/** A name and a value, as `factsTable` shows them. */
export interface PageFact {
  readonly name: string;
  readonly value: string;
}

/** A table of names and values. */
export function factsTable(facts: readonly PageFact[]): string {
  const lines = facts.map(
    ({ name, value }) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="facts"><tbody>\n${lines.join('\n')}\n</tbody></table>`;
}

async function load(path: string): Promise<Uint8Array> {
  try {
    return await readInput(path, MOST_BYTES);
  } catch (cause) {
    throw unreadableInput(path, cause);
  }
}

/** A rectangle of an image [C, H, W] enlarged by repeating every pixel `scale` times each way. */
export function enlargeNearest(image: Tensor, scale: number, place: Rectangle): Tensor {
  const [channels, height, width] = image.shape as [number, number, number];
  const result = tensor([channels, place.height, place.width]);
  let to = 0;
  for (let channel = 0; channel < channels; channel += 1)
    for (let y = 0; y < place.height; y += 1) {
      const row = Math.min(height - 1, Math.floor((place.top + y) / scale));
      for (let x = 0; x < place.width; x += 1) {
        const column = Math.min(width - 1, Math.floor((place.left + x) / scale));
        result.data[to++] = image.data[(channel * height + row) * width + column]!;
      }
    }
  return result;
}

/** At most so many entries, evenly from the first to the last. */
export function sampleEvenly<Entry>(entries: readonly Entry[], most: number): Entry[] {
  if (entries.length <= most) return [...entries];
  const last = entries.length - 1;
  return Array.from({ length: most }, (_, i) => entries[Math.round((i * last) / (most - 1))]!);
}
