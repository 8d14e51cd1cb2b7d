import type { MetricColumn } from '../metrics/metric.js';
import { findMetric } from '../metrics/registry.js';
import { escapeHtml } from './page.js';
import { type Axis, axisFor, COLOURS, PlotArea } from './plot.js';
import type { SummaryRow } from './tables/summarise.js';

/** Where marks are in a plot, in its own pixels. */
export const frame = { width: 720, height: 420, left: 76, right: 22, top: 18, bottom: 52 };

const area = new PlotArea(frame);

/** Marks of methods, which repeat after all colours have had all of them. */
const shapes = [
  '<circle r="6"/>',
  '<rect x="-5.5" y="-5.5" width="11" height="11"/>',
  '<path d="M0-7 6.5 5h-13z"/>',
  '<path d="M0-7.5 7.5 0 0 7.5-7.5 0z"/>',
];
/** Offsets of numbers from their marks, alternating so that those of neighbours rarely meet. */
const corners = [
  [8, -7],
  [8, 16],
  [-16, -7],
  [-16, 16],
] as const;

/**
 * Methods in two of their metrics as SVG, with a choice of both axes, which works with JavaScript.
 * Every axis is in it; those that are not chosen are hidden.
 */
export function tradeoffPlot({ methods, axes, first }: Tradeoff): string {
  const [across, up] = first;
  const grids = axes.map(
    (axis, index) =>
      `<g class="grid" data-across="${index}"${index === across ? '' : ' hidden'}>${below(axis)}</g>
<g class="grid" data-up="${index}"${index === up ? '' : ' hidden'}>${beside(axis)}</g>`,
  );
  const marks = methods.map((name, method) => mark(name, method, axes, first));
  const legend = methods.map(
    (name, method) =>
      `<li class="series-${method % COLOURS}"><svg class="key" viewBox="-9 -9 18 18" width="18" height="18" aria-hidden="true">${shapeOf(method)}</svg>${method + 1} ${escapeHtml(name)}</li>`,
  );
  const isSpread = axes.some(({ positions }) =>
    positions.some((position) => (position?.deviation ?? 0) > 0),
  );
  const hint = isSpread
    ? '<p class="hint">Bars are the standard deviation over seeds, where it is wider than the mark.</p>'
    : '';
  return `<div class="tradeoff">
<div class="controls" hidden>${choice('across', 'Across', axes, across)}${choice('up', 'Upwards', axes, up)}</div>
<svg class="plane" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="Methods in two metrics">
${grids.join('\n')}
${marks.join('\n')}
</svg>
<ol class="keys">${legend.join('')}</ol>${hint}
</div>`;
}

function mark(
  name: string,
  method: number,
  axes: readonly MetricAxis[],
  [across, up]: Tradeoff['first'],
): string {
  const positions = axes.map((axis) => axis.positions[method] ?? null);
  const data = positions.map(
    (position) => position && [rounded(position.mean, 5), rounded(position.deviation, 5)],
  );
  const [x, y] = [positions[across], positions[up]];
  const at = x && y ? ` transform="translate(${area.x(x.mean)} ${area.y(y.mean)})"` : ' hidden';
  const [right, down] = corners[method % corners.length]!;
  const wide = rounded((x?.deviation ?? 0) * area.width, 2);
  const tall = rounded((y?.deviation ?? 0) * area.height, 2);
  return `<g class="mark series-${method % COLOURS}" data-positions="${JSON.stringify(data)}"${at}><title>${escapeHtml(name)}</title><line class="wide" x1="${-wide}" x2="${wide}"/><line class="tall" y1="${-tall}" y2="${tall}"/>${shapeOf(method)}<text x="${right}" y="${down}">${method + 1}</text></g>`;
}

function shapeOf(method: number): string {
  return shapes[Math.floor(method / COLOURS) % shapes.length]!;
}

function below({ axis, column }: MetricAxis): string {
  return `${area.ticksBelow(axis, true)}<text class="below title" x="${area.x(0.5)}" y="${frame.height - 8}">${axisTitle(column)}</text>`;
}

function beside({ axis, column }: MetricAxis): string {
  return `${area.ticksLeft(axis)}<text class="below title" transform="translate(16 ${area.y(0.5)}) rotate(-90)">${axisTitle(column)}</text>`;
}

/** Turned by a quarter to the left, right is up. */
function axisTitle(column: MetricColumn): string {
  const better = column.direction === 'higher' ? ', better →' : ', ← better';
  return `${escapeHtml(titleOf(column))}${better}`;
}

function choice(
  side: 'across' | 'up',
  label: string,
  axes: readonly MetricAxis[],
  chosen: number,
): string {
  const options = axes.map(
    ({ column }, index) =>
      `<option value="${index}"${index === chosen ? ' selected' : ''}>${escapeHtml(titleOf(column))}</option>`,
  );
  return `<label>${label} <select data-axis="${side}" autocomplete="off">${options.join('')}</select></label>`;
}

function titleOf({ label, unit }: MetricAxis['column']): string {
  return unit === '' ? label : `${label} (${unit})`;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Where the score of a method lies along the axis of a metric, as shares of its length. */
interface AxisPosition {
  readonly mean: number;
  /** One standard deviation over seeds; 0 of a single seed. */
  readonly deviation: number;
}

/** A metric as an axis. */
interface MetricAxis {
  readonly column: MetricColumn;
  readonly axis: Axis;
  /** By method; null where it has no score, or an infinite one. */
  readonly positions: readonly (AxisPosition | null)[];
}

/** Methods on one data set, to be drawn in any two metrics. */
export interface Tradeoff {
  readonly methods: readonly string[];
  readonly axes: readonly MetricAxis[];
  /** The two metrics that are drawn at first: a distortion across, perception upwards. */
  readonly first: readonly [across: number, up: number];
}

/**
 * Lays the methods of one data set along an axis for each metric.
 * @returns undefined where fewer than two metrics have scores, so that there is nothing to weigh.
 */
export function tradeoff(
  rows: readonly SummaryRow[],
  columns: readonly MetricColumn[],
): Tradeoff | undefined {
  const axes = columns.flatMap((column) => {
    const axis = metricAxis(rows, column);
    return axis === undefined ? [] : [axis];
  });
  if (axes.length < 2) return undefined;
  const indexOf = (judged: 'distortion' | 'perception'): number =>
    axes.findIndex(({ column: { name } }) => findMetric(name)?.judges === judged);
  const across = Math.max(0, indexOf('distortion'));
  const perception = indexOf('perception');
  const up = perception >= 0 && perception !== across ? perception : across === 0 ? 1 : 0;
  return { methods: rows.map(({ method }) => method), axes, first: [across, up] };
}

function metricAxis(rows: readonly SummaryRow[], column: MetricColumn): MetricAxis | undefined {
  const scores = rows.map((row) => {
    const own = row.metrics[column.key];
    return own !== undefined && Number.isFinite(own.mean) ? own : undefined;
  });
  const ends = scores.flatMap((own) =>
    own === undefined ? [] : [own.mean - (own.deviation ?? 0), own.mean + (own.deviation ?? 0)],
  );
  if (ends.length === 0) return undefined;
  const axis = axisFor(ends, false);
  const positions = scores.map((own): AxisPosition | null =>
    own === undefined
      ? null
      : { mean: axis.position(own.mean), deviation: (own.deviation ?? 0) / (axis.to - axis.from) },
  );
  return { column, axis, positions };
}

/** Draws methods in the two metrics that are chosen, and names these under the crops. */
export const tradeoffScript = `
for (const section of document.querySelectorAll('.item')) {
  const plot = section.querySelector('.tradeoff');
  if (plot === null) continue;
  const frame = ${JSON.stringify(frame)};
  const width = frame.width - frame.left - frame.right, height = frame.height - frame.top - frame.bottom;
  const [across, up] = ['across', 'up'].map((side) => plot.querySelector('[data-axis=' + side + ']'));
  const draw = () => {
    const [x, y] = [across.value, up.value];
    for (const grid of plot.querySelectorAll('.grid'))
      grid.toggleAttribute('hidden', grid.dataset.across !== x && grid.dataset.up !== y);
    for (const mark of plot.querySelectorAll('.mark')) {
      const positions = JSON.parse(mark.dataset.positions), right = positions[x], high = positions[y];
      mark.toggleAttribute('hidden', right === null || high === null);
      if (right === null || high === null) continue;
      mark.setAttribute('transform', 'translate(' + (frame.left + width * right[0]) + ' ' + (frame.top + height * (1 - high[0])) + ')');
      const bar = (name, side, half) => {
        const line = mark.querySelector(name);
        line.setAttribute(side + '1', -half);
        line.setAttribute(side + '2', half);
      };
      bar('.wide', 'x', width * right[1]);
      bar('.tall', 'y', height * high[1]);
    }
    for (const score of section.querySelectorAll('[data-metric]'))
      score.toggleAttribute('hidden', score.dataset.metric !== x && score.dataset.metric !== y);
  };
  for (const select of [across, up]) select.addEventListener('change', draw);
  plot.querySelector('.controls').hidden = false;
}
`;
