import type { ResultTable } from './table.js';

const arrows = { higher: ' ↑', lower: ' ↓' } as const;

/**
 * Tables in Markdown, each with the commands of its rows below; the best figures and significant
 * differences are bold.
 */
export function markdownTables(tables: readonly ResultTable[]): string {
  return tables.map(markdownTable).join('\n');
}

function markdownTable({ title, columns, rows }: ResultTable): string {
  const labels = columns.map(({ label, better }) => `${label}${better ? arrows[better] : ''}`);
  const lines = [
    `## ${escaped(title)}`,
    '',
    row(['method', ...labels.map(escaped)]),
    row(['---', ...columns.map(() => '---:')]),
    ...rows.map(({ name, cells }) =>
      row([escaped(name), ...cells.map(({ text, best }) => (best ? `**${text}**` : text))]),
    ),
    '',
    ...commandLines(rows),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function commandLines(rows: ResultTable['rows']): string[] {
  const lines = rows.flatMap(({ name, command }) =>
    command === undefined ? [] : [`- ${escaped(name)}:`, '', `      ${command}`, ''],
  );
  return lines.length === 0 ? [] : ['Each row alone:', '', ...lines];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** What would end a cell or begin markup. */
function escaped(text: string): string {
  return text.replace(/[\\|*_`<>[\]]/g, (character) => `\\${character}`).replace(/\p{Cc}/gu, ' ');
}
