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
