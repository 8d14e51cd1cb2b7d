/** Rows of a 3 x 3 matrix. */
export type Matrix = readonly (readonly [number, number, number])[];

/** A profile of which light and colour follow from curves and a matrix. */
interface CurveProfile {
  /** One for a grey profile, three for red, green and blue. */
  readonly curves: readonly ToneCurve[];
  /** From linear red, green and blue to XYZ under D50; absent for grey. */
  readonly matrix?: Matrix;
}

/** The kind of pixels that an ICC profile describes, by the colour space in its header. */
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

/** The inverse of a matrix; undefined where it is singular to rounding. */
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

/** What linear light a stored value stands for, and back; both in [0, 1] and increasing. */
export interface ToneCurve {
  toLinear(value: number): number;
  fromLinear(light: number): number;
}

const clamped = (value: number): number => Math.min(1, Math.max(0, value));

/** Parameters of each kind of parametric curve (ICC.1, `para`). */
const parameterCounts = [1, 3, 4, 5, 7];

/**
 * The curve in a tag of an ICC profile (`curv` or `para`).
 * @returns undefined where it is damaged or not strictly increasing, so that it has no inverse.
 */
function parseToneCurve(tag: Uint8Array): ToneCurve | undefined {
  const view = new DataView(tag.buffer, tag.byteOffset, tag.byteLength);
  if (view.byteLength < 12) return undefined;
  const type = String.fromCharCode(...tag.subarray(0, 4));
  if (type === 'curv') return parseTable(view);
  return type === 'para' ? parseParametric(view) : undefined;
}

function parseTable(view: DataView): ToneCurve | undefined {
  const count = view.getUint32(8);
  if (count === 0) return powerCurve(1);
  if (view.byteLength < 12 + 2 * count) return undefined;
  if (count === 1) return powerCurve(view.getUint16(12) / 256);
  return tableCurve(
    Float64Array.from({ length: count }, (_, index) => view.getUint16(12 + 2 * index) / 65535),
  );
}

/** v^gamma; undefined for a gamma that is no such curve. */
function powerCurve(gamma: number): ToneCurve | undefined {
  if (!(gamma > 0.05 && gamma < 20)) return undefined;
  return {
    toLinear: (value) => clamped(value) ** gamma,
    fromLinear: (light) => clamped(light) ** (1 / gamma),
  };
}

/** Straight lines between values at even distances; undefined where they do not increase. */
function tableCurve(values: Float64Array): ToneCurve | undefined {
  const last = values.length - 1;
  for (let at = 1; at <= last; at += 1) if (!(values[at]! > values[at - 1]!)) return undefined;
  return {
    toLinear: (value) => {
      const position = clamped(value) * last;
      const at = Math.min(last - 1, Math.floor(position));
      return values[at]! + (position - at) * (values[at + 1]! - values[at]!);
    },
    fromLinear: (light) => {
      if (light <= values[0]!) return 0;
      if (light >= values[last]!) return 1;
      let low = 0;
      let high = last;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (values[middle]! <= light) low = middle;
        else high = middle;
      }
      return (low + (light - values[low]!) / (values[high]! - values[low]!)) / last;
    },
  };
}

/** (a v + b)^g + e from `d` on and c v + f below it, in the forms that the kinds leave out. */
function parseParametric(view: DataView): ToneCurve | undefined {
  const kind = view.getUint16(8);
  const count = parameterCounts[kind];
  if (count === undefined || view.byteLength < 12 + 4 * count) return undefined;
  const stored = Array.from({ length: count }, (_, i) => view.getInt32(12 + 4 * i) / 65536);
  const [g = 1, a = 1, b = 0, c = 0, fourth = 0, fifth = 0, sixth = 0] = stored;
  const isPlain = kind <= 2;
  const d = kind === 0 ? 0 : isPlain ? -b / a : fourth;
  const [e, f] = kind === 2 ? [c, c] : kind === 4 ? [fifth, sixth] : [0, 0];
  const slope = isPlain ? 0 : c;
  const toLinear = (given: number): number => {
    const value = clamped(given);
    return clamped(value >= d ? Math.max(0, a * value + b) ** g + e : slope * value + f);
  };
  if (!isIncreasing(toLinear)) return undefined;
  const bend = toLinear(d);
  return {
    toLinear,
    fromLinear: (light) =>
      clamped(
        light < bend && d > 0 ? (light - f) / slope : (Math.max(0, light - e) ** (1 / g) - b) / a,
      ),
  };
}

function isIncreasing(curve: (value: number) => number): boolean {
  const steps = 1024;
  for (let at = 1; at <= steps; at += 1)
    if (!(curve(at / steps) > curve((at - 1) / steps))) return false;
  return true;
}
