import type { MetricColumn } from '../metrics/metric.js';
import type { Rectangle } from '../tensor/window.js';
import { embedPng, escapeHtml, pixelatedImage, renderPage } from './page.js';
import { plotStyle } from './plot.js';
import type { BenchmarkRecord, EvaluateFailure } from './tables/record.js';
import {
  printScore,
  type ResultTable,
  type TableCell,
  type TableColumn,
} from './tables/result-table.js';
import type { SummaryRow } from './tables/summarise.js';
import { tradeoff, tradeoffPlot, tradeoffScript } from './tradeoff.js';

const arrows = { higher: ' ↑', lower: ' ↓' } as const;

/** What a page of results shows. */
interface ResultsPage {
  /** Data sets by the name that rows and records have. */
  readonly tables: ReadonlyMap<string, ResultTable>;
  /** Differences from one of the methods, likewise. */
  readonly comparisonTables?: ReadonlyMap<string, ResultTable>;
  readonly rows: readonly SummaryRow[];
  readonly columns: readonly MetricColumn[];
  readonly records: readonly BenchmarkRecord[];
  readonly crops: readonly CropFigure[];
  readonly failures: readonly EvaluateFailure[];
  readonly notes: readonly string[];
}

/** One version of a crop, as the bytes of a PNG. */
export interface CropPanel {
  readonly kind: 'input' | 'method' | 'target';
  readonly label: string;
  readonly png: Uint8Array;
}

/** A square of an example in all its versions. */
export interface CropFigure {
  readonly dataset: string;
  readonly item: string;
  readonly area: Rectangle;
  /** Of the whole target, in pixels. */
  readonly width: number;
  readonly height: number;
  /** The whole target, made small. */
  readonly overview: Uint8Array;
  /** The input, methods in their order, the target. */
  readonly panels: readonly CropPanel[];
}

/**
 * The HTML of results: for each data set a table whose columns can be sorted, its methods drawn in
 * two metrics, crops side by side, and the command of each row. It needs neither network nor
 * neighbours; without JavaScript the rows stand in the order in which methods were named, and the
 * first distortion metric is drawn against the first perception metric.
 */
export async function renderResultsPage(page: ResultsPage): Promise<string> {
  const { tables, failures, notes } = page;
  const sections = await Promise.all(
    [...tables].map(([dataset, table]) => section(dataset, table, page)),
  );
  return renderPage({
    title: 'Results',
    body: `${sections.join('\n')}
${failureList(failures)}
<ul class="notes">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`,
    style: plotStyle + resultsStyle,
    script: sortingScript + tradeoffScript,
  });
}

async function section(dataset: string, table: ResultTable, page: ResultsPage): Promise<string> {
  const commands = table.rows.flatMap(({ name, command }) =>
    command === undefined
      ? []
      : [`<dt>${escapeHtml(name)}</dt><dd><code>${escapeHtml(command)}</code></dd>`],
  );
  const differences = page.comparisonTables?.get(dataset);
  return `<section class="item">
<h2>${escapeHtml(table.title)}</h2>
${tableHtml(table)}
${differences === undefined ? '' : `<h3>${escapeHtml(differences.title)}</h3>\n${tableHtml(differences)}`}
${await images(dataset, page)}
<details><summary>The command of each row</summary><dl class="commands">${commands.join('\n')}</dl></details>
</section>`;
}

function tableHtml({ columns, rows }: ResultTable): string {
  const lines = rows.map(
    ({ name, cells }) =>
      `<tr><th scope="row">${escapeHtml(name)}</th>${cells.map(figure).join('')}</tr>`,
  );
  return `<div class="wide"><table class="results">
<thead><tr><th scope="col">method</th>${columns.map(heading).join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody></table></div>`;
}

/** Methods in two metrics, then crops, which name the same two. */
async function images(
  dataset: string,
  { rows, columns, records, crops }: ResultsPage,
): Promise<string> {
  const own = rows.filter((row) => row.dataset === dataset);
  const plotted = tradeoff(own, columns);
  const axes = plotted?.axes.map(({ column }) => column.key) ?? [];
  const named =
    plotted === undefined
      ? columns.slice(0, 2).map(({ key }) => key)
      : plotted.first.map((index) => axes[index]!);
  const shown = crops.filter((crop) => crop.dataset === dataset);
  const section = await cropSection({ crops: shown, records, columns, named, axes });
  return `${plotted === undefined ? '' : tradeoffPlot(plotted)}\n${section}`;
}

/** The first click sorts the best first; for costs, the least. */
function heading({ label, better }: TableColumn): string {
  const arrow = better === undefined ? '' : arrows[better];
  const first = better === 'higher' ? 'descending' : 'ascending';
  return `<th scope="col" data-first="${first}">${escapeHtml(label)}${arrow}</th>`;
}

function figure({ text, value, best }: TableCell): string {
  const order = value === null ? '' : ` data-value="${value}"`;
  const printed = escapeHtml(text);
  return `<td${order}>${best ? `<strong>${printed}</strong>` : printed}</td>`;
}

function failureList(failures: readonly EvaluateFailure[]): string {
  if (failures.length === 0) return '';
  const lines = failures.map(
    ({ dataset, method, item, seed, message }) =>
      `<li>${escapeHtml(`${dataset}, ${method}, ${item}, seed ${seed}: ${message}`)}</li>`,
  );
  return `<section class="item">\n<h2>Not measured</h2>\n<ul>${lines.join('\n')}</ul>\n</section>`;
}

/** The look of a page of results, besides that of every page. */
const resultsStyle = `
.results td, .results thead th:not(:first-child) { text-align: right; white-space: nowrap;
  padding: 5px 0 5px 18px; }
.results th:first-child { white-space: nowrap; position: sticky; left: 0; background: var(--sheet); }
.results strong { color: var(--accent); }
.results button { border: 0; padding: 0; background: none; color: inherit; font-weight: inherit; }
.results [aria-sort='ascending'] button::after { content: ' \\25b4'; }
.results [aria-sort='descending'] button::after { content: ' \\25be'; }
h3 { font-size: 1rem; margin: 1.4em 0 .3em; }
[hidden] { display: none !important; }
.tradeoff { margin-top: 22px; }
.plane { display: block; width: 100%; max-width: 860px; height: auto; }
.grid .title { fill: var(--ink); font-size: 13px; }
.mark { fill: var(--colour); stroke: var(--sheet); stroke-width: 1; }
.mark line { stroke: var(--colour); stroke-width: 2; }
.mark text { fill: var(--ink); stroke: var(--sheet); stroke-width: 3; paint-order: stroke;
  font-size: 12px; font-variant-numeric: tabular-nums; }
.keys { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 0; padding: 0; list-style: none;
  font-size: .88rem; overflow-wrap: anywhere; }
.key { vertical-align: -4px; margin-right: 5px; fill: var(--colour); }
.crop { display: grid; grid-template-columns: minmax(0, 240px) minmax(0, 1fr); gap: 14px 18px;
  margin: 12px 0 28px; align-items: start; }
@media (max-width: 760px) { .crop { grid-template-columns: minmax(0, 1fr); } }
.panels { display: flex; flex-wrap: wrap; gap: 14px; }
.crop figure { max-width: 100%; }
.crop figure img { max-width: 100%; border-radius: 3px; }
.panels figcaption { width: 0; min-width: 100%; }
.whole { position: relative; width: fit-content; max-width: 100%; }
.whole span { position: absolute; border: 2px solid #fff; outline: 1px solid #000; }
details { margin-top: 16px; color: var(--soft); font-size: .9rem; }
.commands dd { margin: 2px 0 10px; overflow-wrap: anywhere; color: var(--ink); }
.notes { color: var(--soft); font-size: .88rem; max-width: 80ch; }
`;

/** Makes the columns of result tables sortable; rows without a figure come last. */
export const sortingScript = `
for (const table of document.querySelectorAll('table.results')) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    if (column === 0) return cell.textContent;
    return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
  };
  const compare = (a, b) => typeof a === 'number' ? (a === b ? 0 : a < b ? -1 : 1) : a.localeCompare(b);
  headings.forEach((heading, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => {
      const first = heading.dataset.first || 'ascending';
      const other = first === 'ascending' ? 'descending' : 'ascending';
      const order = heading.getAttribute('aria-sort') === first ? other : first;
      for (const each of headings) each.removeAttribute('aria-sort');
      heading.setAttribute('aria-sort', order);
      const rows = [...body.rows].sort((a, b) => {
        const left = valueOf(a, column), right = valueOf(b, column);
        if (left === null || right === null) return (left === null) - (right === null);
        return order === 'ascending' ? compare(left, right) : compare(right, left);
      });
      body.append(...rows);
    });
  });
}
`;

/** What stands under the crops of a data set. */
interface CropSection {
  readonly crops: readonly CropFigure[];
  readonly records: readonly BenchmarkRecord[];
  readonly columns: readonly MetricColumn[];
  /** Keys of the metrics that are named at first. */
  readonly named: readonly string[];
  /** Keys of the metrics that axes can be chosen from, in their order. */
  readonly axes: readonly string[];
}

/**
 * Squares of images in all versions side by side, each pixel enlarged to a square, with the
 * figures of the whole image under each.
 * @throws InputError for a crop that is no PNG.
 */
async function cropSection(section: CropSection): Promise<string> {
  if (section.crops.length === 0) return '';
  const figures = await Promise.all(section.crops.map((crop) => cropFigure(crop, section)));
  return `<h3>Crops</h3>
<p class="hint">Figures are of the whole image. Every pixel is a square.</p>
${figures.join('\n')}`;
}

async function cropFigure(crop: CropFigure, section: CropSection): Promise<string> {
  const { item, area, width, height } = crop;
  const overview = await embedPng(crop.overview, item);
  const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)}%`;
  const frame = `left:${share(area.left, width)};top:${share(area.top, height)};width:${share(area.width, width)};height:${share(area.height, height)}`;
  const panels = await Promise.all(crop.panels.map((panel) => panelOf(panel, crop, section)));
  const where = `${item}:${area.left},${area.top},${area.width}`;
  return `<div class="crop">
<figure class="overview"><div class="whole"><img width="${overview.width}" height="${overview.height}" style="width:${overview.width}px" alt="${escapeHtml(item)}" src="${overview.source}"><span style="${frame}"></span></div>
<figcaption>${escapeHtml(item)}<small><code>--crops ${escapeHtml(where)}</code></small></figcaption></figure>
<div class="panels">
${panels.join('\n')}
</div>
</div>`;
}

async function panelOf(
  { kind, label, png }: CropPanel,
  { dataset, item }: CropFigure,
  { records, columns, named, axes }: CropSection,
): Promise<string> {
  const image = await pixelatedImage(png, `${item}: ${label}`);
  const [record] = records
    .filter((each) => each.dataset === dataset && each.item === item && each.method === label)
    .sort((a, b) => a.seed - b.seed);
  const figures =
    kind !== 'method' || record === undefined
      ? []
      : columns.flatMap((column) => {
          const value = record.values[column.key];
          if (value === undefined) return [];
          const axis = axes.indexOf(column.key);
          const attribute = axis < 0 ? '' : ` data-metric="${axis}"`;
          const hidden = named.includes(column.key) ? '' : ' hidden';
          return [
            `<small${attribute}${hidden}>${escapeHtml(`${column.label} ${printScore(value, column)}`)}</small>`,
          ];
        });
  return `<figure>${image}
<figcaption>${escapeHtml(label)}${figures.join('')}</figcaption></figure>`;
}
