/** Three coordinates of a colour. */
export type Triple = readonly [number, number, number];

/** CIE X, Y and Z of linear R, G and B with sRGB primaries, in the exact fractions of FLIP. */
const toXyz = [
  [10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794],
  [2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897],
  [1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382],
] as const;
const fromXyz = [
  [3.241003275, -1.537398934, -0.498615861],
  [-0.969224334, 1.875930071, 0.041554224],
  [0.055639423, -0.204011202, 1.057148933],
] as const;
/** X and Z of the white D65, and their inverses. */
const white = { x: 0.950428545, z: 1.088900371 };
const inverseWhite = { x: 1.052156925, z: 0.91835767 };
/** Where the cube root of L*a*b* gives way to a line. */
const delta = 6 / 29;

/**
 * YCxCz of linear R, G and B: L*a*b* without its cube root, so that averages of colours are averages
 * of light.
 */
export function yCxCz(r: number, g: number, b: number): Triple {
  const [x, y, z] = relativeXyz(r, g, b);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Linear R, G and B of a colour in YCxCz. */
export function linearOfYCxCz(luminance: number, cx: number, cz: number): Triple {
  const y = (luminance + 16) / 116;
  return product(fromXyz, (y + cx / 500) * white.x, y, (y - cz / 200) * white.z);
}

/**
 * L*a*b* of linear R, G and B, its a* and b* times L* / 100: colours differ the less the darker
 * they are (Hunt).
 */
export function hunted(r: number, g: number, b: number): Triple {
  const [x, y, z] = relativeXyz(r, g, b);
  const [fx, fy, fz] = [compressed(x), compressed(y), compressed(z)];
  const lightness = 116 * fy - 16;
  return [lightness, 0.01 * lightness * 500 * (fx - fy), 0.01 * lightness * 200 * (fy - fz)];
}

/** X, Y and Z relative to white. */
function relativeXyz(r: number, g: number, b: number): Triple {
  const [x, y, z] = product(toXyz, r, g, b);
  return [x * inverseWhite.x, y, z * inverseWhite.z];
}

function product(matrix: readonly Triple[], a: number, b: number, c: number): Triple {
  const [first, second, third] = matrix as [Triple, Triple, Triple];
  return [
    first[0] * a + first[1] * b + first[2] * c,
    second[0] * a + second[1] * b + second[2] * c,
    third[0] * a + third[1] * b + third[2] * c,
  ];
}

function compressed(value: number): number {
  return value > delta ** 3 ? Math.cbrt(value) : value / (3 * delta ** 2) + 4 / 29;
}
