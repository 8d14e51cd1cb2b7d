/** A count with its digits in groups of three. */
export function whole(count: number): string {
  return count.toLocaleString('en-US');
}

/** Floating-point operations of so many multiply-adds, in units of 10^12. */
export function teraFlop(macs: number): string {
  return String(Number(((2 * macs) / 1e12).toPrecision(4)));
}
