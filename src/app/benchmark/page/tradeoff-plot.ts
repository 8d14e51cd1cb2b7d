import { shortNumber } from '../../page/axis.js';
import { escapeHtml } from '../../page/html.js';
import { COLOURS } from '../../page/plot-style.js';
import type { MetricAxis, Place, Tradeoff } from './tradeoff.js';

/** Where marks are in a plot, in its own pixels. */
export const frame = { width: 720, height: 420, left: 76, right: 22, top: 18, bottom: 52 };

const inner = {
  width: frame.width - frame.left - frame.right,
  height: frame.height - frame.top - frame.bottom,
};
const bottom = frame.top + inner.height;

/** Marks of methods, which repeat after all colours have had all of them. */
const shapes = [
  '<circle r="6"/>',
  '<rect x="-5.5" y="-5.5" width="11" height="11"/>',
  '<path d="M0-7 6.5 5h-13z"/>',
  '<path d="M0-7.5 7.5 0 0 7.5-7.5 0z"/>',
];
/** Places of numbers around their marks, in turn, so that those of neighbours rarely meet. */
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
  const isSpread = axes.some(({ places }) => places.some((place) => (place?.deviation ?? 0) > 0));
  const spread = isSpread
    ? '<p class="hint">Bars are the standard deviation over seeds, where it is wider than the mark.</p>'
    : '';
  return `<div class="tradeoff">
<div class="controls" hidden>${choice('across', 'Across', axes, across)}${choice('up', 'Upwards', axes, up)}</div>
<svg class="plane" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="Methods in two metrics">
${grids.join('\n')}
${marks.join('\n')}
</svg>
<ol class="keys">${legend.join('')}</ol>${spread}
</div>`;
}

function mark(
  name: string,
  method: number,
  axes: readonly MetricAxis[],
  [across, up]: Tradeoff['first'],
): string {
  const places = axes.map((axis) => axis.places[method] ?? null);
  const data = places.map(
    (place) => place && [rounded(place.mean, 5), rounded(place.deviation, 5)],
  );
  const [x, y] = [places[across], places[up]];
  const at = x && y ? ` transform="translate(${placeAcross(x)} ${placeUp(y)})"` : ' hidden';
  const [right, down] = corners[method % corners.length]!;
  const wide = rounded((x?.deviation ?? 0) * inner.width, 2);
  const tall = rounded((y?.deviation ?? 0) * inner.height, 2);
  return `<g class="mark series-${method % COLOURS}" data-places="${JSON.stringify(data)}"${at}><title>${escapeHtml(name)}</title><line class="wide" x1="${-wide}" x2="${wide}"/><line class="tall" y1="${-tall}" y2="${tall}"/>${shapeOf(method)}<text x="${right}" y="${down}">${method + 1}</text></g>`;
}

function shapeOf(method: number): string {
  return shapes[Math.floor(method / COLOURS) % shapes.length]!;
}

function placeAcross({ mean }: Place): number {
  return rounded(frame.left + inner.width * mean, 2);
}

function placeUp({ mean }: Place): number {
  return rounded(frame.top + inner.height * (1 - mean), 2);
}

function below({ axis, column }: MetricAxis): string {
  const lines = axis.ticks.map((tick) => {
    const x = placeAcross({ mean: axis.place(tick), deviation: 0 });
    return `<line x1="${x}" x2="${x}" y1="${frame.top}" y2="${bottom}"/><text class="below" x="${x}" y="${bottom + 17}">${shortNumber(tick)}</text>`;
  });
  const better = column.direction === 'higher' ? ', better →' : ', ← better';
  const middle = frame.left + inner.width / 2;
  return `${lines.join('')}<text class="below title" x="${middle}" y="${frame.height - 8}">${escapeHtml(titleOf(column))}${better}</text>`;
}

function beside({ axis, column }: MetricAxis): string {
  const lines = axis.ticks.map((tick) => {
    const y = placeUp({ mean: axis.place(tick), deviation: 0 });
    return `<line x1="${frame.left}" x2="${frame.left + inner.width}" y1="${y}" y2="${y}"/><text class="left" x="${frame.left - 8}" y="${y + 4}">${shortNumber(tick)}</text>`;
  });
  // Turned by a quarter to the left, right is up.
  const better = column.direction === 'higher' ? ', better →' : ', ← better';
  const middle = frame.top + inner.height / 2;
  return `${lines.join('')}<text class="below title" transform="translate(16 ${middle}) rotate(-90)">${escapeHtml(titleOf(column))}${better}</text>`;
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
