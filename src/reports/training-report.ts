import { writeFileAtomic } from '../files/write-atomic.js';
import { ParameterError } from '../utils/errors.js';
import { embedPng, escapeHtml, factsTable, renderPage, sampleEvenly } from './page.js';
import { type Axis, axisFor, COLOURS, PlotArea, plotStyle, shortNumber } from './plot.js';
import {
  type Curve,
  type Point,
  type PreviewFile,
  type Quantity,
  quantities,
  type RunRecord,
  smoothed,
  type TimedValidation,
} from './run-record.js';

/** Steps of which previews are shown. */
const MOST_PREVIEWS = 12;

/**
 * Writes the course of training runs as one page that needs neither network nor neighbours.
 * @throws as renderTrainingReport; OutputError where the page cannot be written.
 */
export async function writeTrainingReport(path: string, runs: readonly RunRecord[]): Promise<void> {
  await writeFileAtomic(path, Buffer.from(await renderTrainingReport(runs)));
}

/**
 * The HTML of a report: curves of all runs together, then each run's previews, figures and recipe.
 * Without JavaScript the curves stand along the steps, on linear axes.
 * @throws ParameterError without runs; InputError for a preview that is no PNG.
 */
export async function renderTrainingReport(runs: readonly RunRecord[]): Promise<string> {
  if (runs.length === 0) throw new ParameterError('runs', 'at least one run', 'none');
  const shown = quantities(runs);
  const title = `Training of ${runs.map(({ name }) => name).join(', ')}`;
  const legend = runs.map(
    ({ name }, index) => `<li class="series-${index % COLOURS}">${escapeHtml(name)}</li>`,
  );
  const sections = await Promise.all(runs.map(runSection));
  return renderPage({
    title,
    body: `<ul class="legend">${legend.join('')}</ul>
<div class="controls along" role="group" aria-label="Along" hidden><button type="button" data-along="step" aria-pressed="true">Over steps</button><button type="button" data-along="hours" aria-pressed="false">Over hours</button></div>
${shown.map(chart).join('\n')}
${sections.join('\n')}`,
    style: plotStyle + reportStyle,
    script: reportScript,
    data: { figures: figures(shown) },
  });
}

/** What the read-outs need. */
function figures(all: readonly Quantity[]): object {
  const compact = all.map(({ id, unit, curves }) => ({
    id,
    unit,
    curves: curves.map(({ points, ...curve }) => ({
      ...curve,
      points: points.map(({ step, hours, value }) => [step, hours, value]),
    })),
  }));
  return { plot, colours: COLOURS, all: compact };
}

async function runSection(run: RunRecord): Promise<string> {
  const { previews, recipe, warnings, name } = run;
  const notes = warnings.map(
    ({ step, warning }) => `<li>step ${step}: ${escapeHtml(warning)}</li>`,
  );
  return `<section class="item run">
<h2>${escapeHtml(name)}</h2>
${facts(summarise(run), run)}
${notes.length === 0 ? '' : `<ul class="warnings">${notes.join('')}</ul>`}
${await previewsOf(previews)}
${recipe === undefined ? '<p>No state has been saved yet, so the recipe is not known.</p>' : `<details><summary>Recipe</summary><pre>${escapeHtml(JSON.stringify(recipe, null, 2))}</pre></details>`}
</section>`;
}

function facts(summary: RunSummary, { weights }: RunRecord): string {
  const { step, steps, hours, loss, patchesPerSecond, idleShare, best } = summary;
  const { parameters, macsPerStep } = summary;
  const rows: [string, string][] = [
    ['Steps', steps === null ? String(step) : `${step} of ${steps}`],
    ['Hours of training', hours.toFixed(2)],
  ];
  if (loss !== null) rows.push(['Loss, smoothed', shortNumber(loss)]);
  if (best !== null) rows.push(['Best', `${best.psnr.toFixed(2)} dB, step ${best.step}`]);
  if (patchesPerSecond !== null) rows.push(['Patches per second', shortNumber(patchesPerSecond)]);
  if (idleShare !== null) rows.push(['Waiting for data', `${(100 * idleShare).toFixed(1)} %`]);
  if (parameters !== null) rows.push(['Trained parameters', shortNumber(parameters)]);
  if (macsPerStep !== null)
    rows.push([
      'Multiply-adds of a step',
      `${shortNumber(macsPerStep / 1e9)} G, forward and backward, of convolutions and matrix products`,
    ]);
  for (const { path, bytes } of weights)
    rows.push(['Weights', `${path} (${(bytes / 1e6).toFixed(2)} MB)`]);
  const table = factsTable(rows.map(([name, value]) => ({ name, value })));
  return `<div class="tables">${table}</div>`;
}

async function previewsOf(previews: readonly PreviewFile[]): Promise<string> {
  if (previews.length === 0) return '';
  const steps = new Set(
    sampleEvenly([...new Set(previews.map(({ step }) => step))], MOST_PREVIEWS),
  );
  const shown = previews
    .filter(({ step }) => steps.has(step))
    .sort((a, b) => a.index - b.index || a.step - b.step);
  const figures = await Promise.all(
    shown.map(async ({ step, index, path }) => {
      const { width, height, source } = await embedPng(path, path);
      const text = `image ${index + 1}, step ${step}`;
      return `<figure><img width="${width}" height="${height}" alt="${text}" src="${source}"><figcaption>${text}</figcaption></figure>`;
    }),
  );
  return `<h3>Held-out images: input, output, target</h3>\n<div class="previews">\n${figures.join('\n')}\n</div>`;
}

/** Toggles and read-outs of a training report's charts. */
const reportScript = `
const quantities = JSON.parse(document.getElementById('figures').textContent);
const plot = quantities.plot;
let course = 'step';
const number = (value) => Math.abs(value) >= 1e-3 || value === 0 ? String(Number(value.toPrecision(5))) : value.toExponential(3);
for (const section of document.querySelectorAll('.chart')) {
  const quantity = quantities.all.find(({ id }) => id === section.id);
  const readOut = section.querySelector('.read-out');
  const toggle = section.querySelector('[data-logarithmic]');
  let logarithmic = false;
  const show = () => {
    for (const svg of section.querySelectorAll('svg'))
      svg.toggleAttribute('hidden', svg.dataset.course !== course || (svg.dataset.scale === 'logarithmic') !== logarithmic);
    readOut.textContent = '';
  };
  section.addEventListener('course', show);
  toggle?.addEventListener('click', () => {
    logarithmic = !logarithmic;
    toggle.setAttribute('aria-pressed', String(logarithmic));
    show();
  });
  for (const svg of section.querySelectorAll('svg')) {
    const cursor = svg.querySelector('.cursor');
    const at = course => point => course === 'step' ? point[0] : point[1];
    const leave = () => { cursor.setAttribute('x1', -9); cursor.setAttribute('x2', -9); readOut.textContent = ''; };
    svg.addEventListener('pointerleave', leave);
    svg.addEventListener('pointermove', (event) => {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) * plot.width / box.width;
      const share = Math.min(1, Math.max(0, (x - plot.left) / (plot.width - plot.left - plot.right)));
      const from = Number(svg.dataset.from), to = Number(svg.dataset.to);
      const wanted = from + share * (to - from);
      const position = at(svg.dataset.course);
      const nearest = (points) => points.reduce((best, point) => Math.abs(position(point) - wanted) < Math.abs(position(best) - wanted) ? point : best);
      const found = quantity.curves.map((curve) => ({ curve, point: nearest(curve.points) }));
      const mark = plot.left + (position(found[0].point) - from) / (to - from) * (plot.width - plot.left - plot.right);
      cursor.setAttribute('x1', mark);
      cursor.setAttribute('x2', mark);
      readOut.replaceChildren(...found.map(({ curve, point }) => {
        const item = document.createElement('span');
        item.className = 'series-' + curve.index % quantities.colours + (curve.faint ? ' faint' : '');
        item.textContent = curve.run + (curve.faint ? ' (raw)' : '') + ': step ' + point[0] + ', ' + point[1].toFixed(2) + ' h: ' + number(point[2]) + (quantity.unit === '' ? '' : ' ' + quantity.unit);
        return item;
      }));
    });
  }
}
for (const button of document.querySelectorAll('[data-along]'))
  button.addEventListener('click', () => {
    course = button.dataset.along;
    for (const other of document.querySelectorAll('[data-along]'))
      other.setAttribute('aria-pressed', String(other === button));
    for (const section of document.querySelectorAll('.chart')) section.dispatchEvent(new Event('course'));
  });
document.querySelector('.along').hidden = false;
`;

/** The look of a training report, besides that of every page. */
const reportStyle = `
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 0 0 1em; padding: 0; list-style: none; }
.legend li::before { content: ''; display: inline-block; width: 22px; height: 3px; margin-right: 7px;
  vertical-align: middle; background: var(--colour); }
.along { margin-bottom: 16px; }
.heading { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; }
.chart svg { display: block; width: 100%; height: auto; touch-action: pan-y; }
.chart svg[hidden] { display: none; }
.curve { fill: none; stroke: var(--colour); stroke-width: 2; stroke-linejoin: round; }
circle.curve { fill: var(--colour); }
.curve.faint { opacity: .35; stroke-width: 1; }
.cursor { stroke: var(--soft); stroke-dasharray: 3 3; }
.read-out { display: flex; flex-wrap: wrap; gap: 2px 20px; min-height: 1.6em; font-size: .88rem;
  font-variant-numeric: tabular-nums; }
.read-out span { color: var(--colour); } .read-out .faint { opacity: .75; }
.previews { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); }
.previews img { image-rendering: pixelated; }
pre { overflow: auto; max-height: 60vh; background: var(--back); padding: 12px; border-radius: 8px; font-size: .85rem; }
.warnings { color: var(--soft); }
`;

/** What lies along the horizontal axis. */
export type Course = 'step' | 'hours';

/** Where the curves are in a chart, in its own pixels. */
export const plot = { width: 720, height: 280, left: 68, right: 14, top: 12, bottom: 36 };

const area = new PlotArea(plot);

/**
 * A chart as SVG in every form that its controls offer, the first one shown: along steps or hours,
 * and with a linear or a logarithmic axis where the quantity has one.
 */
function chart(quantity: Quantity): string {
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
<line class="cursor" y1="${area.y(1)}" y2="${area.y(0)}" x1="-9" x2="-9"/>
</svg>`;
}

function polyline({ points, index, faint }: Curve, course: Course, across: Axis, up: Axis): string {
  const drawn = points
    .filter(({ value }) => Number.isFinite(value) && !(up.logarithmic && value <= 0))
    .map((point) => coordinates(point, course, across, up));
  const classes = `curve series-${index % COLOURS}${faint ? ' faint' : ''}`;
  // A run that has only begun has a point and no line.
  const dot = drawn.length === 1 ? dotAt(drawn[0]!, classes) : '';
  return `<polyline class="${classes}" points="${drawn.map(([x, y]) => `${x},${y}`).join(' ')}"/>${dot}`;
}

function dotAt([x, y]: readonly [number, number], classes: string): string {
  return `<circle class="${classes}" cx="${x}" cy="${y}" r="3"/>`;
}

function coordinates(point: Point, course: Course, across: Axis, up: Axis): [number, number] {
  return [area.x(across.position(point[course])), area.y(up.position(point.value))];
}

function grid(across: Axis, up: Axis, course: Course): string {
  const name = course === 'step' ? 'steps' : 'hours';
  return `<g class="grid">${area.ticksLeft(up)}${area.ticksBelow(across, false)}<text class="below" x="${area.x(0.5)}" y="${plot.height - 3}">${name}</text></g>`;
}

/** A run in figures; what it does not have is null. */
interface RunSummary {
  readonly run: string;
  readonly folder: string;
  readonly step: number;
  readonly steps: number | null;
  readonly hours: number;
  /** Smoothed. */
  readonly loss: number | null;
  /** Medians over the lines of the log. */
  readonly patchesPerSecond: number | null;
  readonly idleShare: number | null;
  readonly best: { readonly step: number; readonly psnr: number } | null;
  readonly parameters: number | null;
  readonly macsPerStep: number | null;
  readonly weights: readonly string[];
  readonly recipe: RunRecord['recipe'] | null;
  readonly progress: RunRecord['progress'];
  readonly validations: RunRecord['validations'];
  readonly warnings: RunRecord['warnings'];
}

/** What the report says of a run, as data. */
export function summarise(run: RunRecord): RunSummary {
  const { progress, validations } = run;
  const last = progress.at(-1);
  const losses = progress.map(({ step, loss }) => ({ step, hours: 0, value: loss }));
  const best = bestOf(validations);
  return {
    run: run.name,
    folder: run.folder,
    step: last?.step ?? 0,
    steps: last?.steps ?? run.recipe?.steps ?? null,
    hours: (last?.seconds ?? 0) / 3600,
    loss: smoothed(losses).at(-1)?.value ?? null,
    patchesPerSecond: median(progress.map((entry) => entry.samplesPerSecond)),
    idleShare: median(progress.map((entry) => entry.batchShare)),
    best: best === undefined ? null : { step: best.step, psnr: best.validation.psnr },
    parameters: run.cost?.parameters ?? null,
    macsPerStep: run.cost?.macs ?? null,
    weights: run.weights.map(({ path }) => path),
    recipe: run.recipe ?? null,
    progress,
    validations,
    warnings: run.warnings,
  };
}

function bestOf(validations: readonly TimedValidation[]): TimedValidation | undefined {
  return validations.reduce<TimedValidation | undefined>(
    (best, entry) =>
      best === undefined || entry.validation.psnr > best.validation.psnr ? entry : best,
    undefined,
  );
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
