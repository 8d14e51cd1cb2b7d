/**
 * A cell of a CSV file, quoted where RFC 4180 requires it. Text that spreadsheets would take for a
 * formula, such as a file named `=cmd`, is prefixed with an apostrophe; numbers are not.
 * @example csvCell('a,b') // '"a,b"'
 */
export function csvCell(value: string | number | null | undefined): string {
  const text = String(value ?? '');
  const isFormula = typeof value === 'string' && /^[=+\-@\t\r]/.test(text);
  const safe = isFormula && !isNumber(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Numbers that were formatted before, such as `-0.25` or `-inf`. */
function isNumber(text: string): boolean {
  return /^[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|inf|nan)$/.test(text);
}
