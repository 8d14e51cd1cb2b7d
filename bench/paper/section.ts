import { markdownTables } from '../../src/reports/tables/table-formats.js';
import { findingLine, type Section, sectionHeading } from './document.js';
import type { Outcome } from './judge.js';
import { type MeasuredExperiment, type Verdict, verdictsOf } from './measure-table.js';
import type { Counted, CountedTable, PaperTable } from './table.js';

/** Everything that a section tells. */
export interface SectionFacts {
  readonly table: PaperTable;
  readonly measured: readonly MeasuredExperiment[];
  readonly counted?: Counted | undefined;
  /** Modules that were trained for the table, and how. */
  readonly modules: readonly { readonly text: string; readonly command: string }[];
  /** Commands that made the data sets. */
  readonly made: readonly string[];
  /** The command, the day and the machine. */
  readonly origin: string;
}

/** The section of a table as Markdown. */
export function sectionOf(facts: SectionFacts): Section {
  const { table, measured, counted, modules, made, origin } = facts;
  const verdicts = verdictsOf(measured.flatMap((each) => each.findings));
  const parts = [
    sectionHeading(table.number, table.title),
    `The paper: ${table.claim}`,
    findingLine(findingOf(facts, verdicts)),
    origin,
    ...(table.notes ?? []),
    ...measured.flatMap(({ tables }) =>
      tables.length === 0 ? [] : [markdownTables(tables).replace(/^## /gm, '### ').trim()],
    ),
    ...(counted?.tables ?? []).map(countedText),
    ...(verdicts.length === 0 ? [] : ['### What the scores say', verdictTable(verdicts)]),
    ...listed('### Left out', [
      ...new Set([
        ...measured.flatMap((each) => each.leftOut),
        ...measured.flatMap((each) =>
          each.missingMetrics.map(({ request, missing }) => `${request}: ${missing}`),
        ),
        ...measured.flatMap((each) =>
          each.failures.map(({ dataset, method, item, message }) =>
            [dataset, method, item, message].join(', '),
          ),
        ),
      ]),
    ]),
    ...listed('### Made before', [
      ...made.map((command) => `\`${command}\``),
      ...modules.map(({ text, command }) => `${text}: \`${command}\``),
    ]),
  ];
  return { number: table.number, text: parts.join('\n\n') };
}

/** What the comparisons say, in one line. */
function findingOf({ measured, counted }: SectionFacts, verdicts: readonly Verdict[]): string {
  const isIncomplete = measured.some((each) => each.leftOut.length > 0);
  const rest = isIncomplete ? '; rows are left out' : '';
  if (counted !== undefined) return `${counted.finding}.`;
  if (verdicts.length === 0) return `nothing can be compared${rest}.`;
  const statements = [...new Set(verdicts.map(({ comparison }) => comparison.says))];
  const texts = statements.map((says) => {
    const own = verdicts.filter(({ comparison }) => comparison.says === says);
    const labels = [...new Set(own.map(({ column }) => column.label))];
    const each = labels.map((label) =>
      outcomesOf(
        label,
        own.filter(({ column }) => column.label === label),
      ),
    );
    return `${says}: ${each.join(', ')}`;
  });
  return `${texts.join('; ')}${rest}.`;
}

/** How often a statement holds, and does not, in one metric. */
function outcomesOf(label: string, verdicts: readonly Verdict[]): string {
  const count = (outcome: Outcome): number =>
    verdicts.filter(({ judgement }) => judgement.outcome === outcome).length;
  const outcomes = (['holds', 'does not hold', 'undecided'] as const).flatMap((outcome) =>
    count(outcome) === 0 ? [] : [`${outcome} ${count(outcome)} of ${verdicts.length}`],
  );
  return `${label} ${outcomes.join(' and ')}`;
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const head = [
    ...['statement', 'row', 'against', 'data', 'images', 'metric'],
    ...['gain', 'expected', 'adjusted p', 'outcome'],
  ];
  const rows = verdicts.map(({ comparison, dataset, column, judgement }) => {
    const { says, row, against, expected } = comparison;
    const { gain, interval, images, adjusted, outcome } = judgement;
    const text = (value: number): string =>
      `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(column.unit === '' ? 4 : 2)}`;
    const score = `${text(gain)} [${text(interval.low)}, ${text(interval.high)}]`;
    const least = expected === 'better' ? 'above 0' : `above −${expected.within}`;
    const p = adjusted < 0.001 ? '< 0.001' : adjusted.toFixed(3);
    return [
      ...[says, row, against, dataset, String(images), column.label],
      ...[score, least, p, outcome],
    ];
  });
  return markdownOf(head, rows);
}

function countedText({ title, columns, rows }: CountedTable): string {
  const commands = rows.flatMap(({ cells, command }) =>
    command === undefined ? [] : [`- ${cells[0]}:\n\n      ${command}`],
  );
  const table = markdownOf(
    columns,
    rows.map(({ cells }) => cells),
  );
  const each = commands.length === 0 ? [] : ['Each row alone:', ...commands];
  return [`### ${title}`, table, ...each].join('\n\n');
}

function listed(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading, lines.map((line) => `- ${line}`).join('\n')];
}

function markdownOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
