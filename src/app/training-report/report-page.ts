import { writeFileAtomic } from '../../files/write-atomic.js';
import { ParameterError } from '../../tensor/errors.js';
import { shortNumber } from '../page/axis.js';
import { embedPng } from '../page/embedded-png.js';
import { escapeHtml } from '../page/html.js';
import { renderPage } from '../page/page.js';
import { COLOURS, plotStyle } from '../page/plot-style.js';
import { spread } from '../page/spread.js';
import { chart, plot } from './chart.js';
import { reportScript } from './report-script.js';
import { reportStyle } from './report-style.js';
import type { PreviewFile, RunRecord } from './run-record.js';
import { type Quantity, quantities } from './series.js';
import { type RunSummary, summarise } from './summary.js';

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
    ({ name }, place) => `<li class="series-${place % COLOURS}">${escapeHtml(name)}</li>`,
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
  const lines = rows.map(
    ([name, value]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<div class="tables"><table class="facts"><tbody>\n${lines.join('\n')}\n</tbody></table></div>`;
}

async function previewsOf(previews: readonly PreviewFile[]): Promise<string> {
  if (previews.length === 0) return '';
  const steps = new Set(spread([...new Set(previews.map(({ step }) => step))], MOST_PREVIEWS));
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
