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
