import type { CropFigure } from '../../../benchmark/evaluation/crop-job.js';
import type { EvaluateFailure } from '../../../benchmark/evaluation/evaluate-request.js';
import type { BenchmarkRecord } from '../../../benchmark/evaluation/records.js';
import type { MetricColumn } from '../../../benchmark/metrics/metric-definition.js';
import type {
  ResultTable,
  TableCell,
  TableColumn,
} from '../../../benchmark/tables/result-table.js';
import type { SummaryRow } from '../../../benchmark/tables/summarise.js';
import { escapeHtml } from '../../page/html.js';
import { renderPage } from '../../page/page.js';
import { plotStyle } from '../../page/plot-style.js';
import { cropSection } from './crop-section.js';
import { resultsStyle } from './results-style.js';
import { sortingScript } from './sorting-script.js';
import { tradeoff } from './tradeoff.js';
import { tradeoffPlot } from './tradeoff-plot.js';
import { tradeoffScript } from './tradeoff-script.js';

const arrows = { higher: ' ↑', lower: ' ↓' } as const;

/** What a page of results shows. */
export interface ResultsPage {
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

/** Sorting begins with what is better; of costs that is less. */
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
