import { expect, test } from 'vitest';
import { logSpectralDistance } from '../../metrics/log-spectral.js';
import { metricColumn } from '../../metrics/metric.js';
import { psnr } from '../../metrics/psnr.js';
import { comparisonTable, resultTable } from './result-table.js';
import type { SummaryRow } from './summarise.js';
import {
  csvOfRecords,
  csvOfSummary,
  latexTables,
  markdownTables,
  textTables,
} from './table-formats.js';

const columns = [
  metricColumn(psnr.open({ colourSpace: 'luma', border: 4 })),
  metricColumn(logSpectralDistance.open()),
];
const [fidelity, spectrum] = columns.map(({ key }) => key) as [string, string];

function row(method: string, values: readonly number[], changes: Partial<SummaryRow> = {}) {
  const [first, second] = values;
  const { items = 5 } = changes;
  const interval = { low: second! - 0.5, high: second! + 0.25 };
  return {
    ...{ dataset: 'set', method, items: 5, expected: 5, seeds: [0] },
    metrics: {
      ...(first === undefined
        ? {}
        : { [fidelity]: { mean: first, interval: null, deviation: null, items } }),
      ...(second === undefined
        ? {}
        : { [spectrum]: { mean: second, interval, deviation: 0.25, items } }),
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

test('scores that print alike are equally good, and fewer images do not win', () => {
  const close = [row('a', [30.001]), row('b', [30.004]), row('c', [40], { items: 4 })];
  const { rows: own } = resultTable('t', close, columns, () => '');
  expect(own.map(({ cells }) => cells[0]!.best)).toEqual([true, true, false]);
  expect(own[2]!.cells.at(-1)!.text).toBe('4 of 5');
});

test('the only score of a column is not called the best', () => {
  const { rows: own } = resultTable('t', [row('a', [30])], columns, () => '');
  expect(own[0]!.cells[0]!.best).toBe(false);
});

test('Markdown aligns scores to the right, marks the best and escapes names', () => {
  const lines = markdownTables(tables).split('\n');
  expect(lines.slice(0, 7)).toEqual([
    '## set',
    '',
    '| method | psnr Y, border 4 (dB) ↑ | log-spectral Y (dB) ↓ | NFE | parameters | MACs per image | s per image | images |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| plain | 28.43 | 9.50 [9.00, 9.75] | 1 | 375 k | 2.66 G | 0.123 | 5 |',
    '| a\\_b\\|c | 30.93 | **7.00 [6.50, 7.25]** | 1 | 375 k | 2.66 G | 0.123 | 5 |',
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
      'Method & psnr Y, border 4 (dB) $\\uparrow$ & log-spectral Y (dB) $\\downarrow$ & NFE & parameters & MACs per image & s per image & images \\\\',
      '\\hline',
      'plain & 28.43 & 9.50 [9.00, 9.75] & 1 & 375 k & 2.66 G & 0.123 & 5 \\\\',
      '% run plain',
      'a\\_b|c & 30.93 & \\textbf{7.00 [6.50, 7.25]} & 1 & 375 k & 2.66 G & 0.123 & 5 \\\\',
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

test('infinite scores are printed as such and win', () => {
  const equal = [row('same', [Infinity]), row('other', [50])];
  const own = [resultTable('t', equal, columns, () => '')];
  expect(markdownTables(own)).toContain('| same | **∞** |');
  expect(latexTables(own)).toContain('same & \\textbf{$\\infty$}');
});

test('CSV has a line for each image and quotes what would break it', () => {
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

const comparison = {
  ...{ dataset: 'set', method: 'ours', against: 'plain', metric: fidelity, items: 5 },
  ...{ difference: -0.125, interval: { low: -0.251, high: 0.001 }, test: 'sign-flip' as const },
  ...{ p: 0.02, adjusted: 0.0441, significant: true },
};

test('differences carry their sign, interval and adjusted p; significant ones are marked', () => {
  const others = { metric: spectrum, difference: 1, adjusted: 0.0002, significant: false };
  const all = [comparison, { ...comparison, ...others, interval: { low: 0.5, high: 1.5 } }];
  const table = comparisonTable('set: differences from plain', all, columns);
  expect(table.rows.map(({ name }) => name)).toEqual(['ours']);
  expect(table.rows[0]!.cells).toEqual([
    { text: '-0.13 [-0.25, 0.00], p 0.044', value: -0.125, best: true },
    { text: '+1.00 [+0.50, +1.50], p < 0.001', value: 1, best: false },
  ]);
  expect(markdownTables([table])).not.toContain('alone');
  expect(latexTables([table])).toContain('\\textbf{$-$0.13 [$-$0.25, 0.00], p 0.044}');
  expect(latexTables([table])).toContain('p $<$ 0.001');
  const none = { ...comparison, difference: -0.004, interval: { low: -0.004, high: 0.004 } };
  const [own] = comparisonTable('t', [none], columns).rows;
  expect(own!.cells[0]!.text).toMatch(/^0\.00 \[0\.00, 0\.00\]/);
});

test('a score of fewer images than its row says of how many', () => {
  const { metrics, ...rest } = row('a', [30]);
  const fewer = { ...rest, metrics: { [fidelity]: { ...metrics[fidelity]!, items: 3 } } };
  const [own] = resultTable('t', [fewer], columns, () => '').rows;
  expect(own!.cells[0]!.text).toBe('30.00 (n = 3)');
});

test('the summary as CSV has a line for each method and metric, with differences', () => {
  const own = [row('plain', [28.5]), row('ours', [28.375])];
  expect(csvOfSummary(own, [comparison], columns)).toBe(
    'dataset,method,metric,items,seeds,mean,low,high,deviation,against,difference,difference low,difference high,p,adjusted p\r\n' +
      'set,plain,psnr luma 4 v1,5,1,28.5,,,,,,,,,\r\n' +
      'set,ours,psnr luma 4 v1,5,1,28.375,,,,plain,-0.125,-0.251,0.001,0.02,0.0441\r\n',
  );
});
