import { join } from 'node:path';
import { writeFileAtomic } from '../../files/write-atomic.js';
import type { MetricColumn } from '../../metrics/metric.js';
import type { CropFigure } from '../../reports/evaluation-page.js';
import { renderResultsPage } from '../../reports/evaluation-page.js';
import {
  csvOfRecords,
  csvOfSummary,
  latexTables,
  markdownTables,
} from '../../reports/tables/table-formats.js';
import type { EvaluateRequest, EvaluateResult } from './evaluate-request.js';

/** What scores are and are not, for whoever reads them. */
const NOTES = [
  'Results and targets are rounded to 8 bits before they are judged.',
  'Scores are means over images, each of which is a mean over seeds. In brackets: 95 % percentile bootstrap intervals over images.',
  'Differences are means over images of the paired difference, with its interval and p of a two-sided sign-flip permutation test (of metrics of sets: of the bootstrap), adjusted by Holm over all comparisons of the table; significant below 0.05.',
  'Seconds are those of the restoration, compilation of graphs included, without reading, judging and writing.',
  'MACs are multiply-adds of convolutions and matrix products, one multiply-add counting once.',
] as const;

/**
 * Writes `results.json`, `results.csv`, `summary.csv`, `table.md`, `table.tex` and `results.html` into the folder
 * of the request.
 * @param crops that the page shows.
 * @throws OutputError
 */
export async function writeResults(
  request: EvaluateRequest,
  columns: readonly MetricColumn[],
  result: EvaluateResult,
  crops: readonly CropFigure[] = [],
): Promise<void> {
  const { tables, rows, records, failures, unmeasured, comparisons, comparisonTables } = result;
  const names = [...new Set(rows.map(({ dataset }) => dataset))];
  const notes = [...NOTES, ...unmeasuredNote(unmeasured)];
  const page = await renderResultsPage({
    tables: new Map(tables.map((table, index) => [names[index]!, table])),
    comparisonTables: new Map(
      comparisonTables.map((table, index) => [
        [...new Set(comparisons.map(({ dataset }) => dataset))][index]!,
        table,
      ]),
    ),
    ...{ rows, columns, records, crops, failures, notes },
  });
  const files: Readonly<Record<string, string>> = {
    'results.json': resultsJson(request, columns, result, crops),
    'results.csv': csvOfRecords(
      records,
      columns.filter(({ ofSets }) => ofSets !== true),
    ),
    'summary.csv': csvOfSummary(rows, comparisons, columns),
    'table.md': `${markdownTables([...tables, ...comparisonTables])}\n## Notes\n\n${notes.map((note) => `- ${note}\n`).join('')}`,
    'table.tex': latexTables([...tables, ...comparisonTables]),
    'results.html': page,
  };
  for (const [name, text] of Object.entries(files))
    await writeFileAtomic(join(request.output, name), new TextEncoder().encode(text));
}

/** There may be one for each image, seed and method: too many to be listed where people read. */
function unmeasuredNote(unmeasured: EvaluateResult['unmeasured']): string[] {
  if (unmeasured.length === 0) return [];
  const reasons = new Set(unmeasured.map(({ message }) => message.replace(/, received .*$/, '')));
  return [
    `Scores left out, of images that a metric cannot judge (${[...reasons].join('; ')}); results.json lists all ${unmeasured.length}.`,
  ];
}

/** All scores as JSON, where infinity is the text `Infinity`. */
function resultsJson(
  { methods, datasets, compare, resamples }: EvaluateRequest,
  columns: readonly MetricColumn[],
  { rows, records, failures, unmeasured, missing, comparisons }: EvaluateResult,
  crops: readonly CropFigure[],
): string {
  const squares = crops.map(({ dataset, item, area }) => ({ dataset, item, ...area }));
  const content = {
    ...{ format: 'dp-ir-results', version: 1, notes: NOTES },
    ...{ datasets, methods, metrics: columns, compare, resamples, missing, rows, comparisons },
    ...{ failures, unmeasured, records },
    crops: squares,
  };
  const text = JSON.stringify(
    content,
    (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
    2,
  );
  return `${text}\n`;
}
