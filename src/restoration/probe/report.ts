import { ModelError } from '../../utils/errors.js';
import { type OnnxContract, onnxContractSchema } from '../../weights/onnx/onnx-module.js';

export type ContractField = keyof OnnxContract;

/** One entry of a contract and how it is known. */
export interface Finding {
  readonly field: ContractField;
  readonly value: unknown;
  /**
   * `stated` by the caller; read off the `graph`; `measured` in runs; `indifferent` where runs show
   * that other values give the same image.
   */
  readonly how: 'stated' | 'graph' | 'measured' | 'indifferent';
  readonly evidence: string;
}

/** An entry that must be stated. */
export interface Undecided {
  readonly field: ContractField;
  readonly candidates: readonly unknown[];
  readonly evidence: string;
}

/** What a probe found out about an ONNX file. */
export interface ProbeReport {
  /** Whole, where nothing is undecided. */
  readonly contract?: OnnxContract;
  readonly findings: readonly Finding[];
  readonly undecided: readonly Undecided[];
}

/** A report whose contract is whole where every entry is known. */
export function reportOf(
  findings: readonly Finding[],
  undecided: readonly Undecided[],
): ProbeReport {
  if (undecided.length > 0) return { findings, undecided };
  const entries = findings.map(({ field, value }) => [field, value]);
  const contract = onnxContractSchema.parse(Object.fromEntries(entries));
  return { contract, findings, undecided };
}

/**
 * The contract of a report.
 * @param name of the ONNX file, for messages.
 * @throws ModelError that lists what must be stated.
 */
export function requireContract(report: ProbeReport, name: string): OnnxContract {
  if (report.contract !== undefined) return report.contract;
  const list = report.undecided.map(
    ({ field, candidates, evidence }) =>
      `${field} (${candidates.map(textOf).join(' or ')}: ${evidence})`,
  );
  throw new ModelError(name, `its contract must be stated: ${list.join('; ')}`);
}

/** A value of a contract as messages show it. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Refuses a statement that a file contradicts. */
export function contradict(
  name: string,
  field: string,
  stated: unknown,
  evidence: string,
): ModelError {
  return new ModelError(name, `${field} stated ${textOf(stated)}, but ${evidence}`, {
    expected: evidence,
    received: textOf(stated),
  });
}
