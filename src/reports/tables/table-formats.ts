import { csvText } from '../../files/quoting.js';
import type { MetricColumn } from '../../metrics/metric.js';
import type { MethodComparison } from './compare-methods.js';
import type { BenchmarkRecord } from './record.js';
import type { ResultTable } from './result-table.js';
import type { SummaryRow } from './summarise.js';

const plainArrows = { higher: ' ↑', lower: ' ↓' } as const;

/**
 * Tables as text for a terminal, columns aligned; the best scores and significant differences
 * carry a star.
 */
export function textTables(tables: readonly ResultTable[]): string {
  return tables.map(textTable).join('\n\n');
}

function textTable({ title, columns, rows }: ResultTable): string {
  const labels = columns.map(({ label, better }) =>
    better === undefined ? label : `${label}${plainArrows[better]}  `,
  );
  const lines = [
    ['method', ...labels],
    ...rows.map(({ name, cells }) => [
      name,
      ...cells.map(({ text, best }, column) => {
        const star = best ? ' *' : '  ';
        return columns[column]!.better === undefined ? text : `${text}${star}`;
      }),
    ]),
  ].map((cells) => cells.map(visible));
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((cells) => [...cells[column]!].length)),
  );
  const padded = lines.map((cells) =>
    cells
      .map((cell, column) => {
        const space = ' '.repeat(widths[column]! - [...cell].length);
        return column === 0 ? `${cell}${space}` : `${space}${cell}`;
      })
      .join('  ')
      .trimEnd(),
  );
  return [visible(title), ...padded].join('\n');
}

/** Names may hold line feeds and what else controls a terminal. */
function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/**
 * Tables in Markdown, each with the commands of its rows below; the best scores and significant
 * differences are bold.
 */
export function markdownTables(tables: readonly ResultTable[]): string {
  return tables.map(markdownTable).join('\n');
}

function markdownTable({ title, columns, rows }: ResultTable): string {
  const labels = columns.map(({ label, better }) => `${label}${better ? plainArrows[better] : ''}`);
  const lines = [
    `## ${escapeMarkdown(title)}`,
    '',
    markdownRow(['method', ...labels.map(escapeMarkdown)]),
    markdownRow(['---', ...columns.map(() => '---:')]),
    ...rows.map(({ name, cells }) =>
      markdownRow([
        escapeMarkdown(name),
        ...cells.map(({ text, best }) => (best ? `**${text}**` : text)),
      ]),
    ),
    '',
    ...commandLines(rows),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function commandLines(rows: ResultTable['rows']): string[] {
  const lines = rows.flatMap(({ name, command }) =>
    command === undefined ? [] : [`- ${escapeMarkdown(name)}:`, '', `      ${command}`, ''],
  );
  return lines.length === 0 ? [] : ['Each row alone:', '', ...lines];
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** What would end a cell or begin markup. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\|*_`<>[\]]/g, (character) => `\\${character}`).replace(/\p{Cc}/gu, ' ');
}

const latexArrows = { higher: '$\\uparrow$', lower: '$\\downarrow$' } as const;

/**
 * Tables in LaTeX, plain `tabular` that needs no package; the best scores and significant
 * differences are bold. The command of a row stands in a comment after it.
 */
export function latexTables(tables: readonly ResultTable[]): string {
  return tables.map(latexTable).join('\n');
}

function latexTable({ title, columns, rows }: ResultTable): string {
  const labels = columns.map(({ label, better }) =>
    better === undefined ? escapeLatex(label) : `${escapeLatex(label)} ${latexArrows[better]}`,
  );
  const lines = rows.flatMap(({ name, cells, command }) => [
    latexRow([escapeLatex(name), ...cells.map(({ text, best }) => latexFigure(text, best))]),
    ...(command === undefined ? [] : [`% ${command.replace(/\p{Cc}/gu, ' ')}`]),
  ]);
  return [
    `% ${title.replace(/\p{Cc}/gu, ' ')}`,
    `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '\\hline',
    latexRow(['Method', ...labels]),
    '\\hline',
    ...lines,
    '\\hline',
    '\\end{tabular}',
    '',
  ].join('\n');
}

function latexRow(cells: readonly string[]): string {
  return `${cells.join(' & ')} \\\\`;
}

function latexFigure(text: string, best: boolean): string {
  const plain = text
    .replace('–', '--')
    .replaceAll('∞', '$\\infty$')
    .replaceAll(/-(?=\d)/g, '$-$')
    .replaceAll('<', '$<$');
  return best ? `\\textbf{${plain}}` : plain;
}

const latexEscapes: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

function escapeLatex(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[\\~^#$%&_{}]/g, (character) => latexEscapes[character] ?? `\\${character}`);
}

/** One line for each image, method and seed, as RFC 4180 has it. */
export function csvOfRecords(
  records: readonly BenchmarkRecord[],
  metrics: readonly MetricColumn[],
): string {
  const head = ['dataset', 'method', 'item', 'seed', 'width', 'height'];
  const costs = ['nfe', 'parameters', 'macs', 'seconds'] as const;
  const lines = records.map((record) => [
    ...[record.dataset, record.method, record.item],
    ...[record.seed, record.width, record.height],
    ...metrics.map(({ key }) => record.values[key]),
    ...costs.map((name) => record[name]),
  ]);
  return `${csvText([[...head, ...metrics.map(({ key }) => key), ...costs], ...lines])}\r\n`;
}

/**
 * One line for each data set, method and metric, as RFC 4180 has it: mean with its interval, and
 * where methods are compared the difference from that one with interval and p.
 */
export function csvOfSummary(
  rows: readonly SummaryRow[],
  comparisons: readonly MethodComparison[],
  metrics: readonly MetricColumn[],
): string {
  const head = [
    ...['dataset', 'method', 'metric', 'items', 'seeds', 'mean', 'low', 'high', 'deviation'],
    ...['against', 'difference', 'difference low', 'difference high', 'p', 'adjusted p'],
  ];
  const lines = rows.flatMap(({ dataset, method, seeds, metrics: own }) =>
    metrics.flatMap(({ key }) => {
      const summary = own[key];
      if (summary === undefined) return [];
      const { mean, interval, deviation, items } = summary;
      const found = comparisons.find(
        (each) => each.dataset === dataset && each.method === method && each.metric === key,
      );
      return [
        [
          ...[dataset, method, key, items, seeds.length],
          ...[mean, interval?.low, interval?.high, deviation],
          ...[found?.against, found?.difference, found?.interval.low, found?.interval.high],
          ...[found?.p, found?.adjusted],
        ],
      ];
    }),
  );
  return `${csvText([head, ...lines])}\r\n`;
}
