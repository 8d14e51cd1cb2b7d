import { parseToneCurve, type ToneCurve } from './tone-curve.js';

/** Rows of a 3 x 3 matrix. */
export type Matrix = readonly (readonly [number, number, number])[];

/** A profile of which light and colour follow from curves and a matrix. */
export interface CurveProfile {
  /** One for a grey profile, three for red, green and blue. */
  readonly curves: readonly ToneCurve[];
  /** From linear red, green and blue to XYZ under D50; absent for grey. */
  readonly matrix?: Matrix;
}

/** Which pixels an ICC profile speaks of, by its header's colour space. */
export function iccColourSpace(icc: Uint8Array): 'rgb' | 'grey' | 'other' {
  const signature = text(icc, 16);
  if (signature === 'RGB ') return 'rgb';
  return signature === 'GRAY' ? 'grey' : 'other';
}

/**
 * The curves and the matrix of a profile (ICC.1).
 * @returns undefined for profiles that are damaged, made of tables (`A2B0`), or whose curves or
 * matrix have no inverse.
 */
export function parseCurveProfile(icc: Uint8Array): CurveProfile | undefined {
  const space = iccColourSpace(icc);
  if (icc.length < 132 || text(icc, 36) !== 'acsp' || text(icc, 20) !== 'XYZ ') return undefined;
  const tags = tagsOf(icc);
  if (tags.has('A2B0') || space === 'other') return undefined;
  const curves: ToneCurve[] = [];
  const made = new Map<number, ToneCurve | undefined>();
  for (const name of space === 'rgb' ? ['rTRC', 'gTRC', 'bTRC'] : ['kTRC']) {
    const tag = tags.get(name);
    if (tag === undefined) return undefined;
    // Channels mostly share one curve, which is then parsed once.
    if (!made.has(tag.byteOffset)) made.set(tag.byteOffset, parseToneCurve(tag));
    const curve = made.get(tag.byteOffset);
    if (curve === undefined) return undefined;
    curves.push(curve);
  }
  if (space === 'grey') return { curves };
  const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => parseXyz(tags.get(name)));
  const [r, g, b] = columns;
  if (r === undefined || g === undefined || b === undefined) return undefined;
  const matrix: Matrix = [0, 1, 2].map((row) => [r[row]!, g[row]!, b[row]!]);
  return inverse(matrix) && { curves, matrix };
}

function tagsOf(icc: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(icc.buffer, icc.byteOffset, icc.byteLength);
  const tags = new Map<string, Uint8Array>();
  const count = Math.min(view.getUint32(128), Math.floor((icc.length - 132) / 12));
  for (let entry = 132; entry < 132 + 12 * count; entry += 12) {
    const start = view.getUint32(entry + 4);
    const end = start + view.getUint32(entry + 8);
    if (end <= icc.length) tags.set(text(icc, entry), icc.subarray(start, end));
  }
  return tags;
}

function parseXyz(tag: Uint8Array | undefined): number[] | undefined {
  if (tag === undefined || tag.length < 20 || text(tag, 0) !== 'XYZ ') return undefined;
  const view = new DataView(tag.buffer, tag.byteOffset, tag.byteLength);
  return [8, 12, 16].map((at) => view.getInt32(at) / 65536);
}

function text(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** The inverse of a matrix; undefined where it has none to speak of. */
export function inverse(matrix: Matrix): Matrix | undefined {
  const [[a, b, c], [d, e, f], [g, h, i]] = matrix as [
    Matrix[number],
    Matrix[number],
    Matrix[number],
  ];
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!(Math.abs(determinant) > 1e-6)) return undefined;
  const rows: Matrix = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  return rows.map(([x, y, z]) => [x / determinant, y / determinant, z / determinant]);
}

/** left times right. */
export function product(left: Matrix, right: Matrix): Matrix {
  const entry = (row: Matrix[number], column: number): number =>
    row[0] * right[0]![column]! + row[1] * right[1]![column]! + row[2] * right[2]![column]!;
  return left.map((row) => [entry(row, 0), entry(row, 1), entry(row, 2)]);
}
