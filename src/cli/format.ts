/** What controls a terminal, or turns the direction of text so that it reads as another. */
const controls = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/** A text of one line, such as a name, whose control characters are spelled out. */
export function visible(text: string): string {
  return text.replace(controls, spelled);
}

/** As `visible`, for a text of several lines and columns. */
export function visibleLines(text: string): string {
  return text.replace(controls, (character) =>
    character === '\n' || character === '\t' ? character : spelled(character),
  );
}

function spelled(character: string): string {
  const quoted = JSON.stringify(character).slice(1, -1);
  if (quoted !== character) return quoted;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const magnitudes = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** A number of bytes in decimal units, three digits: `67.9 MB`. */
export function bytesText(bytes: number): string {
  return `${scaled(bytes)}B`;
}

/** A large number with three digits and its magnitude: `3.72 T`. */
export function scaled(value: number): string {
  const [factor, letter] = magnitudes.find(([least]) => value >= least) ?? [1, ''];
  const digits = Number((value / factor).toPrecision(3));
  return `${digits} ${letter}`;
}

/** A whole number with its thousands apart: `11,900,199`. */
export function whole(value: number): string {
  return value.toLocaleString('en-US');
}
