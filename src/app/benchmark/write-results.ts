import { join } from 'node:path';
import { csvOfRecords } from '../../evaluation/benchmark/csv-records.js';
import { latexTables } from '../../evaluation/benchmark/latex-table.js';
import { markdownTables } from '../../evaluation/benchmark/markdown-table.js';
import type { MetricColumn } from '../../evaluation/benchmark/metric-column.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import type { CropFigure } from './crops/crop-job.js';
import type { EvaluateRequest, EvaluateResult } from './evaluate-request.js';
import { renderResultsPage } from './page/results-page.js';

/** What figures are and are not, for whoever reads them. */
export const NOTES = [
  'Results and targets are rounded to 8 bits before they are judged.',
  'Figures are means over pictures; of several seeds, the mean and sample standard deviation of these means.',
  'Seconds are those of the restoration, compilation of graphs included, without reading, judging and writing.',
  'MACs are multiply-adds of convolutions and matrix products, one multiply-add counting once.',
] as const;

/**
 * Writes `results.json`, `results.csv`, `table.md`, `table.tex` and `results.html` into the folder
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
  const { tables, rows, records, failures } = result;
  const names = [...new Set(rows.map(({ dataset }) => dataset))];
  const page = await renderResultsPage({
    tables: new Map(tables.map((table, index) => [names[index]!, table])),
    ...{ rows, columns, records, crops, failures, notes: NOTES },
  });
  const files: Readonly<Record<string, string>> = {
    'results.json': resultsJson(request, columns, result, crops),
    'results.csv': csvOfRecords(records, columns),
    'table.md': `${markdownTables(tables)}\n## Notes\n\n${NOTES.map((note) => `- ${note}\n`).join('')}`,
    'table.tex': latexTables(tables),
    'results.html': page,
  };
  for (const [name, text] of Object.entries(files))
    await writeFileAtomic(join(request.output, name), new TextEncoder().encode(text));
}

/** All figures as JSON, where infinity is the text `Infinity`. */
function resultsJson(
  { methods, datasets }: EvaluateRequest,
  columns: readonly MetricColumn[],
  { rows, records, failures, missing }: EvaluateResult,
  crops: readonly CropFigure[],
): string {
  const squares = crops.map(({ dataset, item, place }) => ({ dataset, item, ...place }));
  const content = {
    ...{ format: 'dp-ir-results', version: 1, notes: NOTES },
    ...{ datasets, methods, metrics: columns, missing, rows, failures, records },
    crops: squares,
  };
  const text = JSON.stringify(
    content,
    (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
    2,
  );
  return `${text}\n`;
}
