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
