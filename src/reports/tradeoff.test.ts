import { expect, test } from 'vitest';
import { type MetricColumn, metricColumn } from '../metrics/metric.js';
import { psnr } from '../metrics/psnr.js';
import { msSsim } from '../metrics/ssim.js';
import type { SummaryRow } from './tables/summarise.js';
import { frame, type Tradeoff, tradeoff, tradeoffPlot, tradeoffScript } from './tradeoff.js';

const fidelity = metricColumn(psnr.open());
const similarity = metricColumn(msSsim.open());
const niqe: MetricColumn = {
  ...{ ...fidelity, name: 'niqe', direction: 'lower', unit: '' },
  ...{ key: 'niqe luma 0 v1', label: 'niqe' },
};

function row(method: string, scores: Readonly<Record<string, [number, number | null]>>) {
  const metrics = Object.fromEntries(
    Object.entries(scores).map(([key, [mean, deviation]]) => [
      key,
      { mean, deviation, interval: null, items: 1 },
    ]),
  );
  const costs = { nfe: 1, parameters: 1, macs: 1, roughMacs: false, seconds: 1 };
  return { dataset: 'd', method, items: 1, expected: 1, seeds: [0], metrics, ...costs };
}

const rows: SummaryRow[] = [
  row('plain', { [fidelity.key]: [30, null], [niqe.key]: [10, null] }),
  row('<ours>', { [fidelity.key]: [26, 0.5], [niqe.key]: [5, 0.25] }),
  row('same', { [fidelity.key]: [Number.POSITIVE_INFINITY, null], [niqe.key]: [6, null] }),
];
const drawn = tradeoff(rows, [niqe, fidelity, similarity]) as Tradeoff;

/** Where the mark of a method is, in the pixels of the plot. */
function placeOf(html: string, method: string): [number, number] | undefined {
  const mark = html.split('<g class="mark').find((part) => part.includes(`<title>${method}<`));
  const found = /transform="translate\(([\d.]+) ([\d.]+)\)"/.exec(mark!);
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}

test('a distortion lies across and perception upwards, whatever the order of columns', () => {
  expect(drawn.axes.map(({ column }) => column.name)).toEqual(['niqe', 'psnr']);
  expect(drawn.first).toEqual([1, 0]);
  expect(tradeoff(rows, [fidelity, niqe])!.first).toEqual([0, 1]);
  const both = [{ ...similarity, key: niqe.key }, fidelity];
  expect(tradeoff(rows, both)!.first).toEqual([0, 1]);
});

test('marks lie where their scores are on the axes, bars as long as the deviation', () => {
  const html = tradeoffPlot(drawn);
  const [across, up] = [drawn.axes[1]!.axis, drawn.axes[0]!.axis];
  const width = frame.width - frame.left - frame.right;
  const height = frame.height - frame.top - frame.bottom;
  const at = (x: number, y: number) => [
    frame.left + width * ((x - across.from) / (across.to - across.from)),
    frame.top + height * (1 - (y - up.from) / (up.to - up.from)),
  ];
  for (const [method, x, y] of [
    ['plain', 30, 10],
    ['&lt;ours&gt;', 26, 5],
  ] as const) {
    const position = placeOf(html, method)!;
    const [right, down] = at(x, y);
    expect(position[0]).toBeCloseTo(right!, 1);
    expect(position[1]).toBeCloseTo(down!, 1);
  }
  const half = Number(/class="wide" x1="-([\d.]+)"/.exec(html.split('ours')[1]!)![1]);
  expect(half).toBeCloseTo((width * 0.5) / (across.to - across.from), 1);
});

test('a score that is infinite or missing has no mark, and names are no markup', () => {
  const html = tradeoffPlot(drawn);
  expect(placeOf(html, 'same')).toBeUndefined();
  expect(html).toMatch(/data-positions="\[\[[^"]*null\]" hidden><title>same/);
  expect(html).not.toContain('<ours>');
  expect(html).toContain('psnr (dB), better →');
  expect(html).toContain('niqe, ← better');
});

test('one metric alone is not drawn; twenty methods have marks that all differ', () => {
  expect(tradeoff(rows, [fidelity, similarity])).toBeUndefined();
  const many = Array.from({ length: 20 }, (_, index) =>
    row(`m${index}`, { [fidelity.key]: [index, null], [niqe.key]: [index, null] }),
  );
  const html = tradeoffPlot(tradeoff(many, [fidelity, niqe])!);
  const keys = [...html.matchAll(/<li class="(series-\d)"><svg[^>]*>(.*?)<\/svg>/g)];
  expect(new Set(keys.map(([, colour, shape]) => `${colour} ${shape}`)).size).toBe(20);
});

test('one method has a mark within the plot', () => {
  const html = tradeoffPlot(tradeoff(rows.slice(0, 1), [fidelity, niqe])!);
  const [x, y] = placeOf(html, 'plain')!;
  expect(x).toBeGreaterThanOrEqual(frame.left);
  expect(x).toBeLessThanOrEqual(frame.width - frame.right);
  expect(y).toBeGreaterThanOrEqual(frame.top);
  expect(y).toBeLessThanOrEqual(frame.height - frame.bottom);
});

test('choosing axes moves marks to where they would have been drawn', () => {
  expect(() => new Function(tradeoffScript)).not.toThrow();
  const positions = [
    [0.25, 0.1],
    [0.5, 0],
  ];
  const lines = new Map<string, Map<string, unknown>>();
  const attributes = new Map<string, string>();
  const states = new Map<string, boolean>();
  const toggles = (name: string, dataset: object) => ({
    dataset,
    toggleAttribute: (_: string, hidden: boolean) => void states.set(name, hidden),
  });
  const mark = {
    ...toggles('mark', { positions: JSON.stringify(positions) }),
    setAttribute: (name: string, value: string) => void attributes.set(name, value),
    querySelector: (name: string) => {
      const line = lines.get(name) ?? new Map();
      lines.set(name, line);
      return { setAttribute: (key: string, value: unknown) => void line.set(key, value) };
    },
  };
  const select = () => ({
    value: '',
    change: () => {},
    addEventListener(_: string, listener: () => void) {
      this.change = listener;
    },
  });
  const [across, up] = [select(), select()];
  const controls = { hidden: true };
  const plot = {
    querySelector: (name: string) =>
      name === '.controls' ? controls : name.includes('across') ? across : up,
    querySelectorAll: (name: string) =>
      name === '.mark'
        ? [mark]
        : [
            toggles('grid 0', { across: '0' }),
            toggles('grid 1', { across: '1' }),
            toggles('up 0', { up: '0' }),
          ],
  };
  const section = {
    querySelector: () => plot,
    querySelectorAll: () => [
      toggles('score 0', { metric: '0' }),
      toggles('score 2', { metric: '2' }),
    ],
  };
  new Function('document', tradeoffScript)({ querySelectorAll: () => [section] });
  expect(controls.hidden).toBe(false);
  across.value = '1';
  up.value = '0';
  up.change();
  const width = frame.width - frame.left - frame.right;
  const height = frame.height - frame.top - frame.bottom;
  expect(attributes.get('transform')).toBe(
    `translate(${frame.left + width / 2} ${frame.top + height * 0.75})`,
  );
  expect(lines.get('.tall')!.get('y2')).toBeCloseTo(height * 0.1, 9);
  expect(Object.fromEntries(states)).toEqual({
    ...{ mark: false, 'grid 0': true, 'grid 1': false, 'up 0': false },
    ...{ 'score 0': false, 'score 2': true },
  });
});
