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
        const written = text.slice(position + 1, end);
        const key = written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written;
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

/** What a JSON text may hold at most. */
export interface JsonLimits {
  /** Objects and lists inside each other. */
  readonly depth: number;
  /** Members of all objects together. */
  readonly members: number;
}

/**
 * Which limit a JSON text goes beyond, undefined where it keeps both. The text need not be valid:
 * this comes before JSON.parse, which takes time and memory for everything in it.
 */
export function jsonExcess(text: string, limits: JsonLimits): keyof JsonLimits | undefined {
  let depth = 0;
  let members = 0;
  for (let position = 0; position < text.length; position++) {
    const character = text.charCodeAt(position);
    if (character === QUOTE) position = closingQuote(text, position);
    else if (character === COLON) members++;
    else if (character === BRACE || character === BRACKET) depth++;
    else if (character === BRACE + 2 || character === BRACKET + 2) depth--;
    if (depth > limits.depth) return 'depth';
    if (members > limits.members) return 'members';
  }
  return undefined;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BRACE = 0x7b;

function closingQuote(text: string, opening: number): number {
  let position = opening + 1;
  while (position < text.length && text[position] !== '"')
    position += text[position] === '\\' ? 2 : 1;
  return position;
}

function isKey(text: string, after: number): boolean {
  let position = after;
  while (' \t\n\r'.includes(text[position] ?? ',')) position++;
  return text[position] === ':';
}
