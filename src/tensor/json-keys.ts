/**
 * The first key that an object of a JSON text holds twice, at any depth; undefined where there is
 * none. JSON.parse keeps the last of them without a word.
 * @param text must have passed JSON.parse.
 */
export function repeatedKey(text: string): string | undefined {
  const scopes: Set<string>[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text[position];
    if (character === '{' || character === '[') scopes.push(new Set());
    else if (character === '}' || character === ']') scopes.pop();
    else if (character === '"') {
      const end = closingQuote(text, position);
      if (isKey(text, end + 1)) {
        const key = JSON.parse(text.slice(position, end + 1)) as string;
        const keys = scopes.at(-1)!;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      position = end;
    }
    position++;
  }
  return undefined;
}

function closingQuote(text: string, opening: number): number {
  let position = opening + 1;
  while (text[position] !== '"') position += text[position] === '\\' ? 2 : 1;
  return position;
}

function isKey(text: string, after: number): boolean {
  let position = after;
  while (' \t\n\r'.includes(text[position] ?? ',')) position++;
  return text[position] === ':';
}
