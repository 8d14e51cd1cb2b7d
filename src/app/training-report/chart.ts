import { type Axis, axisFor, shortNumber } from '../page/axis.js';
import { escapeHtml } from '../page/html.js';
import { COLOURS } from '../page/plot-style.js';
import type { Curve, Point, Quantity } from './series.js';

/** What lies along the horizontal axis. */
export type Course = 'step' | 'hours';

/** Where the curves are in a chart, in its own pixels. */
export const plot = { width: 720, height: 280, left: 68, right: 14, top: 12, bottom: 36 };

const inner = {
  width: plot.width - plot.left - plot.right,
  height: plot.height - plot.top - plot.bottom,
};

/**
 * A chart as SVG in every form that its controls offer, the first one shown: along steps or hours,
 * and with a linear or a logarithmic axis where the quantity has one.
 */
export function chart(quantity: Quantity): string {
  const scales = quantity.logarithmic ? [false, true] : [false];
  const forms = (['step', 'hours'] as const).flatMap((course) =>
    scales.map((logarithmic) => drawing(quantity, course, logarithmic)),
  );
  const toggle = quantity.logarithmic
    ? '<button type="button" data-logarithmic aria-pressed="false">Logarithmic</button>'
    : '';
  const heading = `${quantity.title}${quantity.unit === '' ? '' : `, ${quantity.unit}`}`;
  return `<section class="item chart" id="${quantity.id}">
<div class="heading"><h2>${escapeHtml(heading)}</h2>${toggle}</div>
${forms.join('\n')}
<output class="read-out"></output>
</section>`;
}

function drawing(quantity: Quantity, course: Course, logarithmic: boolean): string {
  const points = quantity.curves.flatMap((curve) => curve.points);
  const across = axisFor(
    points.map((point) => point[course]),
    false,
    8,
  );
  const up = axisFor(
    points.map(({ value }) => value),
    logarithmic,
  );
  const hidden = course === 'step' && !logarithmic ? '' : ' hidden';
  const label = `${quantity.title} over ${course === 'step' ? 'steps' : 'hours'}`;
  const curves = quantity.curves.map((curve) => polyline(curve, course, across, up));
  return `<svg viewBox="0 0 ${plot.width} ${plot.height}" role="img" aria-label="${escapeHtml(label)}" data-course="${course}" data-scale="${logarithmic ? 'logarithmic' : 'linear'}" data-from="${across.from}" data-to="${across.to}"${hidden}>
${grid(across, up, course)}
${curves.join('\n')}
<line class="cursor" y1="${plot.top}" y2="${plot.top + inner.height}" x1="-9" x2="-9"/>
</svg>`;
}

function polyline({ points, place, faint }: Curve, course: Course, across: Axis, up: Axis): string {
  const drawn = points
    .filter(({ value }) => Number.isFinite(value) && !(up.logarithmic && value <= 0))
    .map((point) => coordinates(point, course, across, up));
  const classes = `curve series-${place % COLOURS}${faint ? ' faint' : ''}`;
  // A run that has only begun has a point and no line.
  const dot = drawn.length === 1 ? dotAt(drawn[0]!, classes) : '';
  return `<polyline class="${classes}" points="${drawn.map(([x, y]) => `${x},${y}`).join(' ')}"/>${dot}`;
}

function dotAt([x, y]: readonly [number, number], classes: string): string {
  return `<circle class="${classes}" cx="${x}" cy="${y}" r="3"/>`;
}

function coordinates(point: Point, course: Course, across: Axis, up: Axis): [number, number] {
  const x = plot.left + inner.width * across.place(point[course]);
  const y = plot.top + inner.height * (1 - up.place(point.value));
  return [rounded(x), rounded(y)];
}

function grid(across: Axis, up: Axis, course: Course): string {
  const right = plot.left + inner.width;
  const bottom = plot.top + inner.height;
  const rows = up.ticks.map((tick) => {
    const y = rounded(plot.top + inner.height * (1 - up.place(tick)));
    return `<line x1="${plot.left}" x2="${right}" y1="${y}" y2="${y}"/><text class="left" x="${plot.left - 8}" y="${y + 4}">${shortNumber(tick)}</text>`;
  });
  const columns = across.ticks.map((tick) => {
    const x = rounded(plot.left + inner.width * across.place(tick));
    return `<text class="below" x="${x}" y="${bottom + 17}">${shortNumber(tick)}</text>`;
  });
  const name = course === 'step' ? 'steps' : 'hours';
  return `<g class="grid">${rows.join('')}${columns.join('')}<text class="below" x="${plot.left + inner.width / 2}" y="${plot.height - 3}">${name}</text></g>`;
}

function rounded(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
