import type { ProbeReport } from '../../restoration/index.js';

/** What a probe found out, a line for each entry of the contract. */
export function probeText(file: string, { findings, undecided }: ProbeReport): string {
  const text = (value: unknown): string =>
    typeof value === 'string' ? value : JSON.stringify(value);
  return [
    `${file}: probed`,
    ...findings.map(
      ({ field, value, how, evidence }) => `  ${field} ${text(value)} (${how}: ${evidence})`,
    ),
    ...undecided.map(
      ({ field, candidates, evidence }) =>
        `  ${field}: ${candidates.map(text).join(' or ')}? (${evidence})`,
    ),
  ].join('\n');
}
