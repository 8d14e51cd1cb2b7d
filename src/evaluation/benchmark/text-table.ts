import type { ResultTable } from './table.js';

const arrows = { higher: ' ↑', lower: ' ↓' } as const;

/**
 * Tables as text for a terminal, columns aligned; the best figures and significant differences
 * carry a star.
 */
export function textTables(tables: readonly ResultTable[]): string {
  return tables.map(textTable).join('\n\n');
}

function textTable({ title, columns, rows }: ResultTable): string {
  const labels = columns.map(({ label, better }) =>
    better === undefined ? label : `${label}${arrows[better]}  `,
  );
  const lines = [
    ['method', ...labels],
    ...rows.map(({ name, cells }) => [
      name,
      ...cells.map(({ text, best }, column) => {
        const star = best ? ' *' : '  ';
        return columns[column]!.better === undefined ? text : `${text}${star}`;
      }),
    ]),
  ].map((cells) => cells.map(visible));
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((cells) => [...cells[column]!].length)),
  );
  const padded = lines.map((cells) =>
    cells
      .map((cell, column) => {
        const space = ' '.repeat(widths[column]! - [...cell].length);
        return column === 0 ? `${cell}${space}` : `${space}${cell}`;
      })
      .join('  ')
      .trimEnd(),
  );
  return [visible(title), ...padded].join('\n');
}

/** Names may hold line feeds and what else controls a terminal. */
function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
