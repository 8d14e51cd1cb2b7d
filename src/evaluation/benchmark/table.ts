import type { MetricColumn } from './metric-column.js';
import type { SummaryRow } from './summarise.js';

/** A column of a table of results. */
export interface TableColumn {
  readonly label: string;
  /** What is better; absent where nothing is, such as the number of pictures. */
  readonly better?: 'higher' | 'lower';
}

/** A figure in a table. */
export interface TableCell {
  /** As it is printed, with plus-minus where there are several seeds. */
  readonly text: string;
  /** What the column is ordered by; null where there is no figure. */
  readonly value: number | null;
  /** Whether no other figure of the column is better. */
  readonly best: boolean;
}

/** The figures of all methods on one data set. */
export interface ResultTable {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly {
    readonly name: string;
    readonly cells: readonly TableCell[];
    /** The command that measures this row alone. */
    readonly command: string;
  }[];
}

const NONE = '–';

/**
 * Lays out the rows of one data set. The best of each metric is marked among the rows that have
 * figures of as many pictures as any row has.
 * @param commandOf gives the command for a row.
 */
export function resultTable(
  title: string,
  rows: readonly SummaryRow[],
  metrics: readonly MetricColumn[],
  commandOf: (row: SummaryRow) => string,
): ResultTable {
  const most = Math.max(0, ...rows.map(({ items }) => items));
  const judged = metrics.map((metric) => {
    const values = rows.map((row) => row.metrics[metric.key]);
    const eligible = values.flatMap((value, index) =>
      value === undefined || rows[index]!.items < most ? [] : [printedValue(value.mean, metric)],
    );
    const best = metric.direction === 'higher' ? Math.max(...eligible) : Math.min(...eligible);
    return values.map((value, index): TableCell => {
      if (value === undefined) return missing;
      const deviation = value.deviation === null ? '' : ` ± ${printed(value.deviation, metric)}`;
      return {
        text: `${printed(value.mean, metric)}${deviation}`,
        value: value.mean,
        best:
          eligible.length > 1 &&
          rows[index]!.items === most &&
          printedValue(value.mean, metric) === best,
      };
    });
  });
  return {
    title,
    columns: [
      ...metrics.map(({ label, unit, direction }) => ({
        label: unit === '' ? label : `${label} (${unit})`,
        better: direction,
      })),
      { label: 'NFE' },
      { label: 'parameters' },
      { label: 'MACs per picture' },
      { label: 's per picture' },
      { label: 'pictures' },
    ],
    rows: rows.map((row, index) => ({
      name: row.method,
      cells: [...judged.map((column) => column[index]!), ...costs(row)],
      command: commandOf(row),
    })),
  };
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

/** A figure as tables print it, with its unit. */
export function printedFigure(value: number, metric: MetricColumn): string {
  return metric.unit === '' ? printed(value, metric) : `${printed(value, metric)} ${metric.unit}`;
}

function printed(value: number, { unit }: MetricColumn): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  return value.toFixed(unit === 'dB' ? 2 : 4);
}

/** What equal texts stand for is equally good. */
function printedValue(value: number, { unit }: MetricColumn): number {
  return Number.isFinite(value) ? Number(value.toFixed(unit === 'dB' ? 2 : 4)) : value;
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
