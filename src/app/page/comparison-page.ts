import { writeFileAtomic } from '../../files/write-atomic.js';
import { ParameterError } from '../../tensor/errors.js';
import { comparisonScript } from './comparison-script.js';
import { comparisonStyle } from './comparison-style.js';
import { type EmbeddedPng, embedPng } from './embedded-png.js';
import { escapeHtml } from './html.js';
import { renderPage } from './page.js';

/** One version of an image. Versions may differ in size; all are shown at that of the largest. */
export interface PageLayer {
  readonly label: string;
  /** Bytes of a PNG, or the path of one. */
  readonly png: Uint8Array | string;
  readonly note?: string;
}

export interface PageFact {
  readonly name: string;
  readonly value: string;
}

/** Figures of several versions, one row for each. */
export interface PageMeasures {
  readonly caption: string;
  /** Headings, the first that of the rows' names. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** An image in several versions. */
export interface PageItem {
  readonly name: string;
  readonly layers: readonly PageLayer[];
  readonly facts: readonly PageFact[];
  readonly measures?: PageMeasures;
  /** Which layers are compared at first; the first and the last unless given. */
  readonly compare?: readonly [number, number];
}

export interface ComparisonPage {
  readonly title: string;
  readonly introduction?: string;
  readonly items: readonly PageItem[];
}

const zooms = ['fit', '1', '2', '4', '8'];

/**
 * Writes a page on which any two versions of an image can be compared: one file that needs
 * neither network nor neighbours. Without JavaScript the versions stand side by side.
 * @throws as renderComparisonPage; OutputError where the page cannot be written.
 */
export async function writeComparisonPage(path: string, page: ComparisonPage): Promise<void> {
  await writeFileAtomic(path, Buffer.from(await renderComparisonPage(page)));
}

/**
 * The HTML of a comparison page; the PNGs are embedded byte for byte, all text is escaped.
 * @throws InputError for a layer that is no PNG, ParameterError for an item without layers or a
 * `compare` that names no layer.
 */
export async function renderComparisonPage(page: ComparisonPage): Promise<string> {
  const sections = await Promise.all(page.items.map(section));
  const introduction =
    page.introduction === undefined
      ? ''
      : `<p class="introduction">${escapeHtml(page.introduction)}</p>\n`;
  return renderPage({
    title: page.title,
    body: `${introduction}${sections.join('\n')}`,
    style: comparisonStyle,
    script: comparisonScript,
  });
}

async function section(item: PageItem): Promise<string> {
  const { name, layers, facts, measures, compare = [0, layers.length - 1] } = item;
  if (layers.length === 0) throw new ParameterError('layers', 'at least one layer', 'none');
  for (const index of compare)
    if (layers[index] === undefined)
      throw new ParameterError('compare', `indices below ${layers.length}`, compare);
  const pngs = await Promise.all(layers.map(({ png, label }) => embedPng(png, label)));
  const largest = Math.max(...pngs.map(({ width }) => width));
  const figures = layers.map((layer, index) => figure(name, layer, pngs[index]!, largest));
  const tables = [
    ...(measures === undefined ? [] : [measuresTable(measures)]),
    ...(facts.length === 0 ? [] : [factsTable(facts)]),
  ];
  return `<section class="item">
<h2>${escapeHtml(name)}</h2>
${layers.length > 1 ? viewer(layers, compare) : ''}
<div class="layers">
${figures.join('\n')}
</div>
<div class="tables">
${tables.join('\n')}
</div>
</section>`;
}

function viewer(layers: readonly PageLayer[], compare: readonly [number, number]): string {
  const choice = (side: string, label: string, chosen: number) => {
    const options = layers.map(
      (layer, index) =>
        `<option${index === chosen ? ' selected' : ''}>${escapeHtml(layer.label)}</option>`,
    );
    // Browsers restore selections of an earlier visit unless told not to.
    return `<label>${label} <select name="${side}" autocomplete="off">${options.join('')}</select></label>`;
  };
  const zoomButtons = zooms.map(
    (zoom) =>
      `<button type="button" data-zoom="${zoom}" aria-pressed="false">${zoom === 'fit' ? 'Fit' : `${zoom}×`}</button>`,
  );
  return `<div class="viewer" hidden>
<div class="controls">
${choice('left', 'Left', compare[0])}
${choice('right', 'Right', compare[1])}
<button type="button" data-swap>Swap</button>
<span role="group" aria-label="Zoom">Zoom ${zoomButtons.join('')}</span>
</div>
<div class="frame">
<div class="stage" tabindex="0" role="group" aria-label="The two versions; arrow keys scroll when enlarged">
<div class="pair"><img class="right" alt=""><img class="left" alt=""></div>
</div>
<div class="divider" aria-hidden="true"></div>
<span class="tag left"></span><span class="tag right"></span>
</div>
<label class="split">Divider <input type="range" min="0" max="1000" step="5" value="500" autocomplete="off"></label>
<p class="hint">Drag the divider, or use the arrow keys on the slider. Double-click to enlarge, drag to move. Keys: + − 0 zoom, s swaps.</p>
</div>`;
}

function figure(name: string, layer: PageLayer, png: EmbeddedPng, largest: number): string {
  const { label, note } = layer;
  const pixelated = png.width < largest ? ' class="pixelated"' : '';
  const remark = note === undefined ? '' : `<small>${escapeHtml(note)}</small>`;
  const size = `width="${png.width}" height="${png.height}"`;
  return `<figure><img${pixelated} ${size} alt="${escapeHtml(`${name}: ${label}`)}" src="${png.source}">
<figcaption>${escapeHtml(label)}${remark}</figcaption></figure>`;
}

function measuresTable({ caption, columns, rows }: PageMeasures): string {
  const heading = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`);
  const lines = rows.map(([name = '', ...values]) => {
    const cells = values.map((value) => `<td>${escapeHtml(value)}</td>`);
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.join('')}</tr>`;
  });
  return `<table class="measures"><caption>${escapeHtml(caption)}</caption>
<thead><tr>${heading.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody></table>`;
}

function factsTable(facts: readonly PageFact[]): string {
  const lines = facts.map(
    ({ name, value }) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="facts"><tbody>
${lines.join('\n')}
</tbody></table>`;
}
