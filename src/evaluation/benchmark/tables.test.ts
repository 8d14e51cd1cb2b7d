import { expect, test } from 'vitest';
import { logSpectralDistance } from '../metrics/log-spectral.js';
import { psnr } from '../metrics/psnr.js';
import { csvOfRecords } from './csv-records.js';
import { latexTables } from './latex-table.js';
import { markdownTables } from './markdown-table.js';
import { metricColumn } from './metric-column.js';
import type { SummaryRow } from './summarise.js';
import { resultTable } from './table.js';
import { textTables } from './text-table.js';

const columns = [
  metricColumn(psnr({ colourSpace: 'luma', border: 4 })),
  metricColumn(logSpectralDistance()),
];
const [fidelity, spectrum] = columns.map(({ key }) => key) as [string, string];

function row(method: string, values: readonly number[], changes: Partial<SummaryRow> = {}) {
  const [first, second] = values;
  return {
    ...{ dataset: 'set', method, items: 5, expected: 5, seeds: [0] },
    metrics: {
      ...(first === undefined ? {} : { [fidelity]: { mean: first, deviation: null } }),
      ...(second === undefined ? {} : { [spectrum]: { mean: second, deviation: 0.25 } }),
    },
    ...{ nfe: 1, parameters: 375456, macs: 2.66e9, roughMacs: false, seconds: 0.1234 },
    ...changes,
  } satisfies SummaryRow;
}

const free = { nfe: null, parameters: null, macs: null, seconds: null };
const rows = [row('plain', [28.431, 9.5]), row('a_b|c', [30.926, 7]), row('theirs', [31], free)];
const tables = [resultTable('set', rows, columns, ({ method }) => `run ${method}`)];
const cellsOf = (index: number) => tables[0]!.rows[index]!.cells;

test('the best is the highest or the lowest, as the metric has it', () => {
  expect(
    cellsOf(0)
      .map(({ best }) => best)
      .slice(0, 2),
  ).toEqual([false, false]);
  expect(
    cellsOf(1)
      .map(({ best }) => best)
      .slice(0, 2),
  ).toEqual([false, true]);
  expect(
    cellsOf(2)
      .map(({ best }) => best)
      .slice(0, 2),
  ).toEqual([true, false]);
});

test('figures that print alike are equally good, and fewer pictures do not win', () => {
  const close = [row('a', [30.001]), row('b', [30.004]), row('c', [40], { items: 4 })];
  const { rows: own } = resultTable('t', close, columns, () => '');
  expect(own.map(({ cells }) => cells[0]!.best)).toEqual([true, true, false]);
  expect(own[2]!.cells.at(-1)!.text).toBe('4 of 5');
});

test('the only figure of a column is not called the best', () => {
  const { rows: own } = resultTable('t', [row('a', [30])], columns, () => '');
  expect(own[0]!.cells[0]!.best).toBe(false);
});

test('Markdown aligns figures to the right, marks the best and escapes names', () => {
  const lines = markdownTables(tables).split('\n');
  expect(lines.slice(0, 7)).toEqual([
    '## set',
    '',
    '| method | psnr Y, border 4 (dB) ↑ | log-spectral Y (dB) ↓ | NFE | parameters | MACs per picture | s per picture | pictures |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| plain | 28.43 | 9.50 ± 0.25 | 1 | 375 k | 2.66 G | 0.123 | 5 |',
    '| a\\_b\\|c | 30.93 | **7.00 ± 0.25** | 1 | 375 k | 2.66 G | 0.123 | 5 |',
    '| theirs | **31.00** | – | – | – | – | – | 5 |',
  ]);
  expect(lines).toContain('      run a_b|c');
});

test('LaTeX is a plain tabular with the commands in comments', () => {
  expect(latexTables(tables)).toBe(
    [
      '% set',
      '\\begin{tabular}{lrrrrrrr}',
      '\\hline',
      'Method & psnr Y, border 4 (dB) $\\uparrow$ & log-spectral Y (dB) $\\downarrow$ & NFE & parameters & MACs per picture & s per picture & pictures \\\\',
      '\\hline',
      'plain & 28.43 & 9.50 $\\pm$ 0.25 & 1 & 375 k & 2.66 G & 0.123 & 5 \\\\',
      '% run plain',
      'a\\_b|c & 30.93 & \\textbf{7.00 $\\pm$ 0.25} & 1 & 375 k & 2.66 G & 0.123 & 5 \\\\',
      '% run a_b|c',
      'theirs & \\textbf{31.00} & -- & -- & -- & -- & -- & 5 \\\\',
      '% run theirs',
      '\\hline',
      '\\end{tabular}',
      '',
    ].join('\n'),
  );
});

test('text stands in columns of one width', () => {
  const [title, ...lines] = textTables(tables).split('\n');
  expect(title).toBe('set');
  const ends = lines.map((line) => [...line].length);
  expect(new Set(ends).size).toBe(1);
  expect(lines[3]).toMatch(/^theirs +31\.00 \* +– /);
});

test('infinite figures are printed as such and win', () => {
  const equal = [row('same', [Infinity]), row('other', [50])];
  const own = [resultTable('t', equal, columns, () => '')];
  expect(markdownTables(own)).toContain('| same | **∞** |');
  expect(latexTables(own)).toContain('same & \\textbf{$\\infty$}');
});

test('CSV has a line for each picture and quotes what would break it', () => {
  const record = {
    ...{ key: '0'.repeat(64), dataset: 'a,b', method: 'say "x"', item: 'i', seed: 2 },
    ...{ width: 8, height: 6, values: { [fidelity]: 28.5 }, roughMacs: false },
    ...{ seconds: null, nfe: null, parameters: null, macs: 7 },
  };
  expect(csvOfRecords([record], columns)).toBe(
    'dataset,method,item,seed,width,height,psnr luma 4 v1,log-spectral luma 0 v1,nfe,parameters,macs,seconds\r\n' +
      '"a,b","say ""x""",i,2,8,6,28.5,,,,7,\r\n',
  );
});
