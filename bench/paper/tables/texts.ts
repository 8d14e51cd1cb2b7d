import { shellLine } from '../../../src/files/quoting.js';

/** A count with its digits in groups of three. */
export function whole(count: number): string {
  return count.toLocaleString('en-US');
}

/** Floating-point operations of so many multiply-adds, in units of 10^12. */
export function teraFlop(macs: number): string {
  return String(Number(((2 * macs) / 1e12).toPrecision(4)));
}

/** The command that counts a network without weights. */
export function costCommand(network: string, config: object, size?: string): string {
  const words = ['dp-ir', 'cost', network];
  if (Object.keys(config).length > 0) words.push('--config', JSON.stringify(config));
  if (size !== undefined) words.push('--size', size);
  return shellLine(words);
}
