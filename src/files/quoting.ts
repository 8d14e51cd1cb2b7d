/**
 * A cell of a CSV file, quoted where RFC 4180 requires it. Text that spreadsheets would take for a
 * formula, such as a file named `=cmd`, is prefixed with an apostrophe; numbers are not.
 * @example csvCell('a,b') // '"a,b"'
 */
function csvCell(value: string | number | null | undefined): string {
  const text = String(value ?? '');
  const isFormula = typeof value === 'string' && /^[=+\-@\t\r]/.test(text);
  const safe = isFormula && !isNumber(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Lines of cells as CSV, without an end of the last line; missing cells are empty.
 * @param end of lines; RFC 4180 has a carriage return and a line feed.
 * @example csvText([['name', 'psnr'], ['a.png', 28.1]], '\n') // 'name,psnr\na.png,28.1'
 */
export function csvText(
  lines: readonly (readonly (string | number | null | undefined)[])[],
  end = '\r\n',
): string {
  return lines.map((cells) => cells.map(csvCell).join(',')).join(end);
}

/** Numbers that were printed before, such as `-0.25` or `-inf`. */
function isNumber(text: string): boolean {
  return /^[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|inf|nan)$/.test(text);
}

/** A path as an argument: a name that starts with a dash must not look like an option. */
export function asPath(name: string): string {
  return name.startsWith('-') ? `./${name}` : name;
}

/** Words as one line for a shell, those in quotes that need it. */
export function shellLine(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
