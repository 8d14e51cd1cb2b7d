import type { Point } from './shapes.js';

/** Height of capitals in the glyphs' own units. */
export const capitalHeight = 6;

/** A letter as lines to be drawn with a pen: points right of and above the foot of the letter. */
export interface Glyph {
  readonly width: number;
  readonly lines: readonly (readonly Point[])[];
}

// Lines are parted by '|', points by spaces, each two digits: x and y. '~' rounds the corners.
const drawings: Readonly<Record<string, string>> = {
  A: '00 26 40|12 32',
  B: '00 06|~06 26 46 43 23 03|~03 23 43 40 20 00',
  C: '~45 46 26 06 03 00 20 40 41',
  D: '00 06|~06 26 46 43 40 20 00',
  E: '46 06 00 40|03 33',
  F: '46 06 00|03 33',
  G: '~45 46 26 06 03 00 20 40 43|43 23',
  H: '00 06|40 46|03 43',
  I: '00 06',
  J: '~36 33 30 10 00 01',
  K: '00 06|46 02|13 40',
  L: '06 00 40',
  M: '00 06 22 46 40',
  N: '00 06 40 46',
  O: '~03 06 26 46 43 40 20 00 03',
  P: '00 06|~06 26 46 43 23 03',
  Q: '~03 06 26 46 43 40 20 00 03|31 50',
  R: '00 06|~06 26 46 43 23 03|23 40',
  S: '~45 46 26 06 03 23 43 40 20 00 01',
  T: '06 46|26 20',
  U: '~06 03 00 20 40 43 46',
  V: '06 20 46',
  W: '06 10 25 30 46',
  X: '00 46|06 40',
  Y: '06 23 46|23 20',
  Z: '06 46 00 40',
  '0': '~03 06 26 46 43 40 20 00 03',
  '1': '05 26 20',
  '2': '~05 06 26 46 44 22 00|00 40',
  '3': '~05 06 26 46 43 23|~23 43 40 20 00 01',
  '4': '30 36 02 42',
  '5': '46 06 03|~03 23 43 40 20 00 01',
  '6': '~45 46 26 06 03 00 20 40 43 23 03',
  '7': '06 46 10',
  '8': '~23 03 06 26 46 43 23|~23 03 00 20 40 43 23',
  '9': '~43 23 03 06 26 46 43 40 20 00 01',
  '-': '13 33',
  '.': '00 00',
  ',': '01 00',
  '/': '00 46',
  "'": '06 05',
};

const space: Glyph = { width: 3, lines: [] };

/** The drawing of a capital letter, digit or sign; a gap for any other character. */
export function glyphOf(character: string): Glyph {
  const drawing = drawings[character];
  if (drawing === undefined) return space;
  const lines = drawing.split('|').map(parseLine);
  const width = Math.max(...lines.flat().map(([x]) => x));
  return { width, lines };
}

function parseLine(text: string): readonly Point[] {
  const points = text
    .replace('~', '')
    .split(' ')
    .map((pair): Point => [Number(pair[0]), Number(pair[1])]);
  return text.startsWith('~') ? rounded(rounded(rounded(points))) : points;
}

/** Cuts every corner at a quarter of its sides (Chaikin); the ends stay. */
function rounded(points: readonly Point[]): readonly Point[] {
  const result: Point[] = [points[0]!];
  for (let index = 1; index < points.length; index++) {
    const [from, to] = [points[index - 1]!, points[index]!];
    if (index > 1) result.push(between(from, to, 0.25));
    if (index < points.length - 1) result.push(between(from, to, 0.75));
  }
  return [...result, points.at(-1)!];
}

function between(from: Point, to: Point, share: number): Point {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}
