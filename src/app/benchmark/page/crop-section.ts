import type { CropFigure, CropPanel } from '../../../benchmark/evaluation/crop-job.js';
import type { BenchmarkRecord } from '../../../benchmark/evaluation/records.js';
import type { MetricColumn } from '../../../benchmark/metrics/metric-definition.js';
import { printedFigure } from '../../../benchmark/tables/result-table.js';
import { embedPng } from '../../page/embedded-png.js';
import { escapeHtml } from '../../page/html.js';

/** Side in pixels at which crops are shown, or the least multiple of theirs beyond it. */
const SHOWN = 190;

/** What stands under the crops of a data set. */
export interface CropSection {
  readonly crops: readonly CropFigure[];
  readonly records: readonly BenchmarkRecord[];
  readonly columns: readonly MetricColumn[];
  /** Keys of the metrics that are named at first. */
  readonly named: readonly string[];
  /** Keys of the metrics that axes can be chosen from, in their order. */
  readonly axes: readonly string[];
}

/**
 * Squares of images in all versions side by side, each pixel enlarged to a square, with the
 * figures of the whole image under each.
 * @throws InputError for a crop that is no PNG.
 */
export async function cropSection(section: CropSection): Promise<string> {
  if (section.crops.length === 0) return '';
  const figures = await Promise.all(section.crops.map((crop) => cropFigure(crop, section)));
  return `<h3>Crops</h3>
<p class="hint">Figures are of the whole image. Every pixel is a square.</p>
${figures.join('\n')}`;
}

async function cropFigure(crop: CropFigure, section: CropSection): Promise<string> {
  const { item, place, width, height } = crop;
  const overview = await embedPng(crop.overview, item);
  const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)}%`;
  const frame = `left:${share(place.left, width)};top:${share(place.top, height)};width:${share(place.width, width)};height:${share(place.height, height)}`;
  const panels = await Promise.all(crop.panels.map((panel) => panelOf(panel, crop, section)));
  const where = `${item}:${place.left},${place.top},${place.width}`;
  return `<div class="crop">
<figure class="overview"><div class="whole"><img width="${overview.width}" height="${overview.height}" style="width:${overview.width}px" alt="${escapeHtml(item)}" src="${overview.source}"><span style="${frame}"></span></div>
<figcaption>${escapeHtml(item)}<small><code>--crops ${escapeHtml(where)}</code></small></figcaption></figure>
<div class="panels">
${panels.join('\n')}
</div>
</div>`;
}

async function panelOf(
  { kind, label, png }: CropPanel,
  { dataset, item }: CropFigure,
  { records, columns, named, axes }: CropSection,
): Promise<string> {
  const { width, height, source } = await embedPng(png, label);
  const factor = Math.max(1, Math.ceil(SHOWN / Math.max(width, height)));
  const [record] = records
    .filter((each) => each.dataset === dataset && each.item === item && each.method === label)
    .sort((a, b) => a.seed - b.seed);
  const figures =
    kind !== 'method' || record === undefined
      ? []
      : columns.flatMap((column) => {
          const value = record.values[column.key];
          if (value === undefined) return [];
          const axis = axes.indexOf(column.key);
          const place = axis < 0 ? '' : ` data-metric="${axis}"`;
          const hidden = named.includes(column.key) ? '' : ' hidden';
          return [
            `<small${place}${hidden}>${escapeHtml(`${column.label} ${printedFigure(value, column)}`)}</small>`,
          ];
        });
  const size = `width="${width}" height="${height}" style="width:${width * factor}px"`;
  return `<figure><img class="pixelated" ${size} alt="${escapeHtml(`${item}: ${label}`)}" src="${source}">
<figcaption>${escapeHtml(label)}${figures.join('')}</figcaption></figure>`;
}
