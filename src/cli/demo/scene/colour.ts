/** Red, green and blue as amounts of light, 0 to 1. */
export type Light = readonly [number, number, number];

const known = new Map<number, Light>();

/** The light of an sRGB colour written as 0xRRGGBB. */
export function light(colour: number): Light {
  // Shaders ask for the same few colours millions of times.
  let found = known.get(colour);
  if (found === undefined) {
    found = [toLight((colour >> 16) & 255), toLight((colour >> 8) & 255), toLight(colour & 255)];
    known.set(colour, found);
  }
  return found;
}

/** A mixture of two lights: `from` at share 0, `to` at share 1, and in between within [0, 1]. */
export function mix(from: Light, to: Light, share: number): Light {
  const part = Math.min(1, Math.max(0, share));
  return [
    from[0] + (to[0] - from[0]) * part,
    from[1] + (to[1] - from[1]) * part,
    from[2] + (to[2] - from[2]) * part,
  ];
}

/** A light made brighter or darker. */
export function dim(colour: Light, factor: number): Light {
  return [colour[0] * factor, colour[1] * factor, colour[2] * factor];
}

/** Rises smoothly from 0 at `low` to 1 at `high`; falls where `low` is the greater one. */
export function ramp(low: number, high: number, value: number): number {
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return share * share * (3 - 2 * share);
}

/** The sRGB value in [0, 1] that shows an amount of light (IEC 61966-2-1); clamped. */
export function toSrgb(amount: number): number {
  const bounded = Math.min(1, Math.max(0, amount));
  return bounded <= 0.0031308 ? 12.92 * bounded : 1.055 * bounded ** (1 / 2.4) - 0.055;
}

function toLight(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
