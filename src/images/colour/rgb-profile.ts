import { srgbToLinear } from '../../degradation/camera/transfer-curves.js';
import { inverse, type Matrix, product } from './icc-profile.js';

/** Chromaticities x, y of red, green, blue and white. */
interface Primaries {
  readonly red: readonly [number, number];
  readonly green: readonly [number, number];
  readonly blue: readonly [number, number];
  readonly white: readonly [number, number];
}

const d65 = [0.3127, 0.329] as const;

/** Primaries of spaces in use. */
export const primaries = {
  srgb: { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: d65 },
  p3: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: d65 },
  adobe: { red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06], white: d65 },
  rec2020: { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: d65 },
  romm: {
    red: [0.734699, 0.265301],
    green: [0.159597, 0.840403],
    blue: [0.036598, 0.000105],
    white: [0.345704, 0.35854],
  },
} satisfies Record<string, Primaries>;

/** The white of the profile connection space, D50. */
const d50 = [0.9642, 1, 0.8249] as const;

/** Responses of the eye's receptors to XYZ after Bradford. */
const bradford: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/** From linear red, green and blue to XYZ, white adapted to D50 after Bradford. */
export function toXyzD50({ red, green, blue, white }: Primaries): Matrix {
  const [r, g, b] = [red, green, blue].map(xyz) as [Triple, Triple, Triple];
  const columns: Matrix = [0, 1, 2].map((row) => [r[row]!, g[row]!, b[row]!]);
  const whitePoint = xyz(white);
  const gains = applied(inverse(columns)!, whitePoint);
  const scaled: Matrix = columns.map((row) => [
    row[0] * gains[0],
    row[1] * gains[1],
    row[2] * gains[2],
  ]);
  const from = applied(bradford, whitePoint);
  const to = applied(bradford, d50);
  const ratios: Matrix = [0, 1, 2].map((row) => {
    const line: [number, number, number] = [0, 0, 0];
    line[row] = to[row]! / from[row]!;
    return line;
  });
  return product(inverse(bradford)!, product(ratios, product(bradford, scaled)));
}

type Triple = readonly [number, number, number];

function xyz([x, y]: readonly [number, number]): Triple {
  return [x / y, 1, (1 - x - y) / y];
}

function applied(matrix: Matrix, [x, y, z]: Triple): [number, number, number] {
  const row = ([a, b, c]: Matrix[number]): number => a * x + b * y + c * z;
  return [row(matrix[0]!), row(matrix[1]!), row(matrix[2]!)];
}

/** A tone curve as a profile states it: a power, or the values of a table in [0, 1]. */
type StatedCurve = number | readonly number[];

/** An ICC profile, version 2, of three primaries and one curve, or of a curve for grey. */
export function makeProfile(
  name: string,
  curve: StatedCurve,
  space: Primaries | 'grey',
): Uint8Array {
  const tags: [string, Uint8Array][] = [
    ['desc', description(name)],
    ['cprt', Buffer.from('text\0\0\0\0No rights reserved\0', 'latin1')],
    ['wtpt', xyzTag(d50)],
  ];
  if (space === 'grey') tags.push(['kTRC', curveTag(curve)]);
  else {
    const matrix = toXyzD50(space);
    const shared = curveTag(curve);
    for (const [column, letter] of ['r', 'g', 'b'].entries()) {
      tags.push([`${letter}XYZ`, xyzTag(matrix.map((row) => row[column]!))]);
      tags.push([`${letter}TRC`, shared]);
    }
  }
  return profileOf(space === 'grey' ? 'GRAY' : 'RGB ', tags);
}

let p3: Uint8Array | undefined;

/** The profile of Display P3. */
export function displayP3(): Uint8Array {
  const curve = Array.from({ length: 1024 }, (_, level) => srgbToLinear(level / 1023));
  p3 ??= makeProfile('Display P3', curve, primaries.p3);
  return p3;
}

/** A profile of given tags. */
export function profileOf(
  space: string,
  tags: readonly (readonly [name: string, content: Uint8Array])[],
): Uint8Array {
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length, 0);
  const offsets = new Map<Uint8Array, number>();
  let offset = 128 + table.length;
  for (const [index, [name, content]] of tags.entries()) {
    const isNew = !offsets.has(content);
    if (isNew) offsets.set(content, offset);
    table.write(name, 4 + 12 * index, 'latin1');
    table.writeUInt32BE(offsets.get(content)!, 8 + 12 * index);
    table.writeUInt32BE(content.length, 12 + 12 * index);
    if (isNew) offset += Math.ceil(content.length / 4) * 4;
  }
  const contents = [...offsets.keys()].map((content) => {
    const padded = Buffer.alloc(Math.ceil(content.length / 4) * 4);
    padded.set(content);
    return padded;
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(offset, 0);
  header.writeUInt32BE(0x02400000, 8);
  header.write('mntr', 12, 'latin1');
  header.write(space, 16, 'latin1');
  header.write('XYZ ', 20, 'latin1');
  for (const [index, value] of [2000, 1, 1].entries()) header.writeUInt16BE(value, 24 + 2 * index);
  header.write('acsp', 36, 'latin1');
  header.set(xyzTag(d50).subarray(8), 68);
  return new Uint8Array(Buffer.concat([header, table, ...contents]));
}

function description(name: string): Uint8Array {
  const bytes = Buffer.alloc(12 + name.length + 1 + 78);
  bytes.write('desc', 0, 'latin1');
  bytes.writeUInt32BE(name.length + 1, 8);
  bytes.write(name, 12, 'latin1');
  return bytes;
}

function xyzTag(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(20);
  bytes.write('XYZ ', 0, 'latin1');
  for (const [index, value] of values.entries())
    bytes.writeInt32BE(Math.round(value * 65536), 8 + 4 * index);
  return bytes;
}

function curveTag(curve: StatedCurve): Uint8Array {
  const values = typeof curve === 'number' ? [curve * 256] : curve.map((value) => value * 65535);
  const bytes = Buffer.alloc(12 + 2 * values.length);
  bytes.write('curv', 0, 'latin1');
  bytes.writeUInt32BE(values.length, 8);
  for (const [index, value] of values.entries())
    bytes.writeUInt16BE(Math.round(value), 12 + 2 * index);
  return bytes;
}
