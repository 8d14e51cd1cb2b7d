import type { MetricColumn } from '../../metrics/metric.js';
import type { Interval } from '../../metrics/statistics.js';
import type { MethodComparison } from './compare-methods.js';
import type { MetricSummary, SummaryRow } from './summarise.js';

/** A column of a table of results. */
export interface TableColumn {
  readonly label: string;
  /** What is better; absent where nothing is, such as the number of images. */
  readonly better?: 'higher' | 'lower';
}

/** A score in a table. */
export interface TableCell {
  /** As it is printed, with the 95 % interval where there is one. */
  readonly text: string;
  /** What the column is ordered by; null where there is no score. */
  readonly value: number | null;
  /** Whether no other score of the column is better; of differences, whether it is significant. */
  readonly best: boolean;
}

/** The scores of all methods on one data set. */
export interface ResultTable {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly {
    readonly name: string;
    readonly cells: readonly TableCell[];
    /** The command that measures this row alone; differences have none of their own. */
    readonly command?: string;
  }[];
}

const NONE = '–';

/**
 * Lays out the rows of one data set. The best of each metric is marked among the rows whose score
 * is of as many images as any.
 * @param commandOf gives the command for a row.
 */
export function resultTable(
  title: string,
  rows: readonly SummaryRow[],
  metrics: readonly MetricColumn[],
  commandOf: (row: SummaryRow) => string,
): ResultTable {
  const judged = metrics.map((metric) => {
    const values = rows.map((row) => row.metrics[metric.key]);
    const most = Math.max(0, ...values.map((value) => value?.items ?? 0));
    const eligible = values.flatMap((value) =>
      value === undefined || value.items < most ? [] : [printedValue(value.mean, metric)],
    );
    const best = metric.direction === 'higher' ? Math.max(...eligible) : Math.min(...eligible);
    return values.map((value, index): TableCell => {
      if (value === undefined) return missing;
      const isBest = value.items === most && printedValue(value.mean, metric) === best;
      return {
        text: summaryText(value, rows[index]!.items, metric),
        value: value.mean,
        best: eligible.length > 1 && isBest,
      };
    });
  });
  return {
    title,
    columns: [
      ...metrics.map(metricHead),
      { label: 'NFE' },
      { label: 'parameters' },
      { label: 'MACs per image' },
      { label: 's per image' },
      { label: 'images' },
    ],
    rows: rows.map((row, index) => ({
      name: row.method,
      cells: [...judged.map((column) => column[index]!), ...costs(row)],
      command: commandOf(row),
    })),
  };
}

/**
 * Lays out differences of methods from one of them on one data set, each with its interval and the
 * adjusted p value. Significant ones are marked.
 * @param comparisons of one data set.
 */
export function comparisonTable(
  title: string,
  comparisons: readonly MethodComparison[],
  metrics: readonly MetricColumn[],
): ResultTable {
  const methods = [...new Set(comparisons.map(({ method }) => method))];
  return {
    title,
    columns: metrics.map(metricHead),
    rows: methods.map((name) => ({
      name,
      cells: metrics.map((metric): TableCell => {
        const found = comparisons.find((own) => own.method === name && own.metric === metric.key);
        if (found === undefined) return missing;
        const { difference, interval, adjusted, significant } = found;
        const range = intervalText(interval, (value) => signed(value, metric));
        const text = `${signed(difference, metric)} ${range}, ${pText(adjusted)}`;
        return { text, value: difference, best: significant };
      }),
    })),
  };
}

function metricHead({ label, unit, direction }: MetricColumn): TableColumn {
  return { label: unit === '' ? label : `${label} (${unit})`, better: direction };
}

/** Mean and interval, and how many images they are of where the metric cannot judge all. */
function summaryText(
  { mean, interval, items }: MetricSummary,
  all: number,
  metric: MetricColumn,
): string {
  const range =
    interval === null ? '' : ` ${intervalText(interval, (value) => printed(value, metric))}`;
  return `${printed(mean, metric)}${range}${items === all ? '' : ` (n = ${items})`}`;
}

function intervalText({ low, high }: Interval, text: (value: number) => string): string {
  return `[${text(low)}, ${text(high)}]`;
}

/** With its sign; a plain hyphen serves as minus so that scores can be pasted. */
function signed(value: number, metric: MetricColumn): string {
  const text = printed(value, metric);
  if (Number(text) === 0) return text.replace('-', '');
  return value > 0 ? `+${text}` : text;
}

/** A p value as tables print it. */
function pText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p ${p.toFixed(3)}`;
}

const missing: TableCell = { text: NONE, value: null, best: false };

function costs({ nfe, parameters, macs, roughMacs, seconds, items, expected }: SummaryRow) {
  const cell = (value: number | null, text: (value: number) => string): TableCell =>
    value === null ? missing : { text: text(value), value, best: false };
  return [
    cell(nfe, (value) => String(Number(value.toFixed(1)))),
    cell(parameters, amount),
    cell(macs, (value) => `${roughMacs ? 'about ' : ''}${amount(value)}`),
    cell(seconds, (value) => value.toPrecision(3)),
    cell(items, (value) => (items === expected ? String(value) : `${value} of ${expected}`)),
  ];
}

/** A score as tables print it, with its unit. */
export function printScore(value: number, metric: MetricColumn): string {
  return metric.unit === '' ? printed(value, metric) : `${printed(value, metric)} ${metric.unit}`;
}

function printed(value: number, { unit }: MetricColumn): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  return value.toFixed(digitsOf(unit));
}

/** Decibels and grey levels are large numbers. */
function digitsOf(unit: string): number {
  return unit === '' ? 4 : 2;
}

/** What equal texts stand for is equally good. */
function printedValue(value: number, { unit }: MetricColumn): number {
  return Number.isFinite(value) ? Number(value.toFixed(digitsOf(unit))) : value;
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, ' T'],
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
];

/** To three digits in the unit that suits. */
function amount(value: number): string {
  const [size, unit] = UNITS.find(([least]) => value >= least) ?? [1, ''];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}
