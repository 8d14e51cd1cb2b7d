import { linearToSrgb, srgbToLinear } from '../../degradation/camera/transfer-curves.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { inverse, type Matrix, parseCurveProfile, product, type ToneCurve } from './icc-profile.js';
import { primaries, toXyzD50 } from './rgb-profile.js';

/**
 * What networks are handed of an image with a profile. They expect the tone curve of sRGB, so
 * each channel is brought to it; the primaries stay the profile's, so that no colour that the
 * profile can state leaves [0, 1]. Every function works on single pixels and gives a new tensor,
 * or the same where nothing changes.
 */
export interface WorkingColour {
  /** [3, H, W] as stored, in [0, 1], to the curve of sRGB. */
  toWorking(stored: Tensor): Tensor;
  /** Back to stored values; what lies outside [0, 1] is clamped. */
  fromWorking(working: Tensor): Tensor;
  /** sRGB of working values; colours outside its gamut are clamped. */
  toSrgb(working: Tensor): Tensor;
}

const LEVELS = 65535;
/** Below it inverse curves may be too steep for a table. */
const STEEP = 1 / 64;
/** Curves nearer to that of sRGB than this, in encoded values, are taken for it. */
const SAME = 1 / 512;

const unchanged: WorkingColour = {
  toWorking: (stored) => stored,
  fromWorking: (working) => working,
  toSrgb: (working) => working,
};

/** Without a profile values are sRGB. */
export const srgbColour = unchanged;

/**
 * How values of a profile become what networks see.
 * @returns undefined for profiles that are not made of curves and a matrix.
 */
export function workingColour(icc: Uint8Array): WorkingColour | undefined {
  const profile = parseCurveProfile(icc);
  if (profile === undefined) return undefined;
  const { curves, matrix } = profile;
  const three = curves.length === 1 ? [curves[0]!, curves[0]!, curves[0]!] : curves;
  const made = new Map([...new Set(three)].map((curve) => [curve, mapsOf(curve)]));
  const maps = three.every(isSrgb) ? undefined : three.map((curve) => made.get(curve)!);
  return {
    toWorking: (stored) => (maps ? perChannel(stored, maps, 'forth') : stored),
    fromWorking: (working) => (maps ? perChannel(working, maps, 'back') : working),
    toSrgb: matrix === undefined ? unchanged.toSrgb : (working) => converted(working, matrix),
  };
}

function isSrgb(curve: ToneCurve): boolean {
  for (let level = 0; level < 256; level += 1) {
    const value = level / 255;
    if (Math.abs(linearToSrgb(curve.toLinear(value)) - value) > SAME) return false;
  }
  return true;
}

type Map1 = (value: number) => number;

function mapsOf(curve: ToneCurve): { readonly forth: Map1; readonly back: Map1 } {
  const back = (value: number): number => curve.fromLinear(srgbToLinear(value));
  let forth: Map1 | undefined;
  let tabled: Map1 | undefined;
  return {
    forth: (value) => {
      forth ??= tableOf((level) => linearToSrgb(curve.toLinear(level)));
      return forth(value);
    },
    back: (value) => {
      if (value < STEEP) return back(value);
      tabled ??= tableOf(back);
      return tabled(value);
    },
  };
}

/** Exact at whole levels of 16 bits, straight lines between them. */
function tableOf(map: Map1): Map1 {
  const table = Float64Array.from({ length: LEVELS + 2 }, (_, level) =>
    map(Math.min(level, LEVELS) / LEVELS),
  );
  return (value) => {
    const at = value * LEVELS;
    const near = Math.round(at);
    // float32 values of whole levels lie beside them.
    if (Math.abs(at - near) < 1e-2) return table[near]!;
    const low = Math.floor(at);
    return table[low]! + (at - low) * (table[low + 1]! - table[low]!);
  };
}

function perChannel(
  { shape, data }: Tensor,
  maps: readonly Record<'forth' | 'back', Map1>[],
  way: 'forth' | 'back',
): Tensor {
  const result = tensor(shape);
  const pixels = data.length / 3;
  for (const [channel, channelMaps] of maps.entries()) {
    const map = channelMaps[way];
    const end = (channel + 1) * pixels;
    for (let at = channel * pixels; at < end; at += 1)
      result.data[at] = map(Math.min(1, Math.max(0, data[at]!)));
  }
  return result;
}

function converted({ shape, data }: Tensor, matrix: Matrix): Tensor {
  const [r, g, b] = product(inverse(toXyzD50(primaries.srgb))!, matrix) as [
    Matrix[number],
    Matrix[number],
    Matrix[number],
  ];
  const result = tensor(shape);
  const pixels = data.length / 3;
  const light = (at: number): number => srgbToLinear(Math.min(1, Math.max(0, data[at]!)));
  const coded = (value: number): number => linearToSrgb(Math.min(1, Math.max(0, value)));
  for (let at = 0; at < pixels; at += 1) {
    const [x, y, z] = [light(at), light(at + pixels), light(at + 2 * pixels)];
    result.data[at] = coded(r[0] * x + r[1] * y + r[2] * z);
    result.data[at + pixels] = coded(g[0] * x + g[1] * y + g[2] * z);
    result.data[at + 2 * pixels] = coded(b[0] * x + b[1] * y + b[2] * z);
  }
  return result;
}
