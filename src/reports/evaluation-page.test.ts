import { expect, test } from 'vitest';
import { renderResultsPage, sortingScript } from './evaluation-page.js';
import type { ResultTable } from './tables/result-table.js';

const table: ResultTable = {
  title: 'set5, 5 images',
  columns: [
    { label: 'psnr (dB)', better: 'higher' },
    { label: 'lpips', better: 'lower' },
    { label: 's per image' },
  ],
  rows: [
    {
      name: 'plain',
      cells: [
        { text: '28.43', value: 28.4314, best: false },
        { text: '–', value: null, best: false },
        { text: '0.1', value: 0.1, best: false },
      ],
      command: "dp-ir evaluate 'a b'",
    },
    {
      name: '<b>ours</b>',
      cells: [
        { text: '30.92', value: 30.9228, best: true },
        { text: '0.1234', value: 0.12341, best: false },
        { text: '∞', value: Infinity, best: false },
      ],
      command: 'dp-ir evaluate set5',
    },
  ],
};
const failure = { dataset: 'set5', method: 'm', item: 'x&y', seed: 2, message: 'is damaged' };
const html = await renderResultsPage({
  tables: new Map([['set5', table]]),
  ...{ rows: [], columns: [], records: [], crops: [] },
  ...{ failures: [failure], notes: ['a < b'] },
});

test('figures are printed, ordered by their exact value, and the best is marked', () => {
  expect(html).toContain('<td data-value="28.4314">28.43</td><td>–</td>');
  expect(html).toContain('<td data-value="30.9228"><strong>30.92</strong></td>');
  expect(html).toContain('<td data-value="Infinity">∞</td>');
  expect(html.match(/<strong>/g)).toHaveLength(1);
});

test('differences from a method stand below its table', async () => {
  const [row] = table.rows;
  const cells = [{ text: '-1.00 [-2.00, -0.50], p 0.010', value: -1, best: true }];
  const differences = { ...table, title: 'differences from ours', rows: [{ ...row!, cells }] };
  const page = await renderResultsPage({
    tables: new Map([['set5', table]]),
    comparisonTables: new Map([['set5', differences]]),
    ...{ rows: [], columns: [], records: [], crops: [], failures: [], notes: [] },
  });
  expect(page).toContain('<h3>differences from ours</h3>');
  expect(page).toContain('<td data-value="-1"><strong>-1.00 [-2.00, -0.50], p 0.010</strong></td>');
});

test('columns begin to sort with what is better', () => {
  expect(html).toContain('<th scope="col" data-first="descending">psnr (dB) ↑</th>');
  expect(html).toContain('<th scope="col" data-first="ascending">lpips ↓</th>');
  expect(html).toContain('<th scope="col" data-first="ascending">s per image</th>');
});

test('text is never taken for markup', () => {
  expect(html).not.toContain('<b>');
  expect(html).toContain('&lt;b&gt;ours&lt;/b&gt;');
  expect(html).toContain('<code>dp-ir evaluate &#39;a b&#39;</code>');
  expect(html).toContain('<li>set5, m, x&amp;y, seed 2: is damaged</li>');
  expect(html).toContain('<li>a &lt; b</li>');
});

test('the page asks for nothing outside itself and its script is well-formed', () => {
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/https?:|url\(|@import|(src|href)=/);
  expect(() => new Function(sortingScript)).not.toThrow();
});

/** As much of a page as the script of a table needs. */
function madeUpTable(values: readonly (readonly [string, number | null])[]) {
  const rows = values.map(([name, value]) => ({
    cells: [
      { textContent: name, dataset: {} },
      { textContent: '', dataset: value === null ? {} : { value: String(value) } },
    ],
  }));
  const heading = (first?: string) => {
    const attributes = new Map<string, string>();
    let button = { click: () => {} };
    return {
      dataset: first === undefined ? {} : { first },
      childNodes: [],
      append: (added: typeof button) => {
        button = added;
      },
      getAttribute: (name: string) => attributes.get(name) ?? null,
      setAttribute: (name: string, value: string) => void attributes.set(name, value),
      removeAttribute: (name: string) => void attributes.delete(name),
      click: () => button.click(),
    };
  };
  const headings = [heading(), heading('descending')];
  const body = {
    rows,
    append: (...sorted: typeof rows) => void rows.splice(0, rows.length, ...sorted),
  };
  const document = {
    querySelectorAll: () => [{ tBodies: [body], tHead: { rows: [{ cells: headings }] } }],
    createElement: () => ({
      append: () => {},
      click: () => {},
      addEventListener(_: string, listener: () => void) {
        this.click = listener;
      },
    }),
  };
  new Function('document', sortingScript)(document);
  const names = () => rows.map(({ cells }) => cells[0]!.textContent);
  return { headings, names };
}

test('a click sorts by value, another one the other way round; rows without a figure stay last', () => {
  const { headings, names } = madeUpTable([
    ['b', 9],
    ['none', null],
    ['c', 28.5],
    ['a', 10],
  ]);
  const [method, figure] = headings;
  figure!.click();
  expect(names()).toEqual(['c', 'a', 'b', 'none']);
  expect(figure!.getAttribute('aria-sort')).toBe('descending');
  figure!.click();
  expect(names()).toEqual(['b', 'a', 'c', 'none']);
  method!.click();
  expect(names()).toEqual(['a', 'b', 'c', 'none']);
  expect(figure!.getAttribute('aria-sort')).toBeNull();
});
