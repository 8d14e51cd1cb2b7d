import type { ResultTable } from './table.js';

const arrows = { higher: '$\\uparrow$', lower: '$\\downarrow$' } as const;

/**
 * Tables in LaTeX, plain `tabular` that needs no package; the best figures and significant
 * differences are bold. The command of a row stands in a comment after it.
 */
export function latexTables(tables: readonly ResultTable[]): string {
  return tables.map(latexTable).join('\n');
}

function latexTable({ title, columns, rows }: ResultTable): string {
  const labels = columns.map(({ label, better }) =>
    better === undefined ? escaped(label) : `${escaped(label)} ${arrows[better]}`,
  );
  const lines = rows.flatMap(({ name, cells, command }) => [
    row([escaped(name), ...cells.map(({ text, best }) => figure(text, best))]),
    ...(command === undefined ? [] : [`% ${command.replace(/\p{Cc}/gu, ' ')}`]),
  ]);
  return [
    `% ${title.replace(/\p{Cc}/gu, ' ')}`,
    `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '\\hline',
    row(['Method', ...labels]),
    '\\hline',
    ...lines,
    '\\hline',
    '\\end{tabular}',
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `${cells.join(' & ')} \\\\`;
}

function figure(text: string, best: boolean): string {
  const plain = text
    .replace('–', '--')
    .replaceAll('∞', '$\\infty$')
    .replaceAll(/-(?=\d)/g, '$-$')
    .replaceAll('<', '$<$');
  return best ? `\\textbf{${plain}}` : plain;
}

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

function escaped(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[\\~^#$%&_{}]/g, (character) => special[character] ?? `\\${character}`);
}
