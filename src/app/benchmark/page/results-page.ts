import type { ResultTable, TableCell, TableColumn } from '../../../evaluation/benchmark/table.js';
import { escapeHtml } from '../../page/html.js';
import { renderPage } from '../../page/page.js';
import type { EvaluateFailure } from '../evaluate-request.js';
import { resultsScript } from './results-script.js';
import { resultsStyle } from './results-style.js';

const arrows = { higher: ' ↑', lower: ' ↓' } as const;

/** What a page of results shows. */
export interface ResultsPage {
  readonly tables: readonly ResultTable[];
  readonly failures: readonly EvaluateFailure[];
  readonly notes: readonly string[];
}

/**
 * The HTML of results: one table for each data set, whose columns can be sorted, and the command of
 * each row. It needs neither network nor neighbours; without JavaScript the rows stand in the order
 * in which methods were named.
 */
export function renderResultsPage({ tables, failures, notes }: ResultsPage): string {
  return renderPage({
    title: 'Results',
    body: `${tables.map(section).join('\n')}
${failureList(failures)}
<ul class="notes">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`,
    style: resultsStyle,
    script: resultsScript,
  });
}

function section({ title, columns, rows }: ResultTable): string {
  const lines = rows.map(
    ({ name, cells }) =>
      `<tr><th scope="row">${escapeHtml(name)}</th>${cells.map(figure).join('')}</tr>`,
  );
  const commands = rows.map(
    ({ name, command }) =>
      `<dt>${escapeHtml(name)}</dt><dd><code>${escapeHtml(command)}</code></dd>`,
  );
  return `<section class="item">
<h2>${escapeHtml(title)}</h2>
<div class="wide"><table class="results">
<thead><tr><th scope="col">method</th>${columns.map(heading).join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody></table></div>
<details><summary>The command of each row</summary><dl class="commands">${commands.join('\n')}</dl></details>
</section>`;
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
