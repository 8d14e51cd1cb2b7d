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
export function parseToneCurve(tag: Uint8Array): ToneCurve | undefined {
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
export function powerCurve(gamma: number): ToneCurve | undefined {
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
      const place = clamped(value) * last;
      const at = Math.min(last - 1, Math.floor(place));
      return values[at]! + (place - at) * (values[at + 1]! - values[at]!);
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
