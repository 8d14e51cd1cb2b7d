import { asPath, shellLine } from '../../app/shell-words.js';
import {
  type MeasuredImage,
  type MeasuredMetric,
  meanScores,
} from '../../benchmark/measure/measure-images.js';
import { csvCell } from '../../files/csv.js';
import { visible } from '../visible.js';
import type { MetricsCliOptions } from './metrics-options.js';

type Scores = Readonly<Record<string, number>>;

/** Figures of all images and their mean, in columns. */
export function tableText(labels: readonly string[], images: readonly MeasuredImage[]): string {
  const rows = [
    ['', ...labels],
    ...images.map(({ name, scores }) => [visible(name), ...cells(labels, scores, '-')]),
    ['mean', ...cells(labels, meanScores(labels, images), '-')],
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(([name, ...figures]) =>
      [
        name!.padEnd(widths[0]!),
        ...figures.map((figure, index) => figure.padStart(widths[index + 1]!)),
      ].join('  '),
    )
    .join('\n');
}

/** The same as comma-separated values with all digits; missing figures are empty. */
export function csvText(labels: readonly string[], images: readonly MeasuredImage[]): string {
  const exact = (scores: Scores) =>
    labels.map((label) => (scores[label] === undefined ? '' : spelled(scores[label])));
  const rows = [
    ['name', ...labels],
    ...images.map(({ name, scores }) => [name, ...exact(scores)]),
    ['mean', ...exact(meanScores(labels, images))],
  ];
  return rows.map((row) => row.map(csvCell).join(',')).join('\n');
}

/** Figures as JSON can hold them: `inf` for the PSNR of equal images. */
export function jsonScores(scores: Scores): Readonly<Record<string, number | string>> {
  return Object.fromEntries(
    Object.entries(scores).map(([label, figure]) => [
      label,
      Number.isFinite(figure) ? figure : spelled(figure),
    ]),
  );
}

/** How a column is to be read. */
export function metricText({ label, ...facts }: MeasuredMetric): string {
  const { direction, range, unit, colourSpace, border, version } = facts;
  const [least, greatest] = range.map(spelled);
  const parts = [
    `${direction} is better`,
    `${least} to ${greatest}${unit === '' ? '' : ` ${unit}`}`,
    colourSpace === 'luma' ? 'luma' : 'RGB',
    `border ${border}`,
    `version ${version}`,
  ];
  return `${label}: ${parts.join(', ')}`;
}

/** The command that gives these figures again. */
export function repeatMetricsCommand(
  { test, reference, weights, naturalScenes, round, csv, json }: MetricsCliOptions,
  labels: readonly string[],
): string {
  const words = ['dp-ir', 'metrics', '-t', asPath(test)];
  if (reference !== undefined) words.push('-r', asPath(reference));
  words.push('--metrics', labels.join(','));
  for (const each of weights) words.push('--weights', each);
  if (naturalScenes !== undefined) words.push('--natural-scenes', asPath(naturalScenes));
  if (!round) words.push('--no-round');
  if (csv) words.push('--csv');
  if (json) words.push('--json');
  return shellLine(words);
}

function cells(labels: readonly string[], scores: Scores, missing: string): string[] {
  return labels.map((label) => {
    const figure = scores[label];
    if (figure === undefined) return missing;
    return Number.isFinite(figure) ? figure.toFixed(4) : spelled(figure);
  });
}

function spelled(figure: number): string {
  if (Number.isFinite(figure)) return String(figure);
  return figure > 0 ? 'inf' : '-inf';
}
