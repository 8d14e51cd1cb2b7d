import {
  type OnnxContract,
  type OnnxStatement,
  rangeFactors,
} from '../../weights/onnx/onnx-module.js';
import { convincing, differenceOf, type Hypothesis, type Tried } from './hypotheses.js';
import { contradict, type Finding, textOf, type Undecided } from './report.js';

type Field = keyof Hypothesis;
const fields: readonly Field[] = ['range', 'output', 'noise', 'order'];
/** Pictures that differ by less than half an 8-bit step are the same. */
const SAME = 0.5 / 255;
/** One error is clearly less than another where it is so many times less. */
const CLEARLY = 4;
/** Errors below this are rounding. */
const LEAST_ERROR = 1e-4;

const keyOf = (field: Field, one: Hypothesis): string => textOf(one[field]);
const digits = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(2))) : 'no number';

/**
 * Decides the entries of a contract that pixels tell, by which of the hypotheses give the picture.
 * @param name of the file, for messages.
 * @throws ModelError where a stated entry is contradicted.
 */
export function decide(
  tried: readonly Tried[],
  role: OnnxContract['role'],
  stated: OnnxStatement,
  name: string,
): { readonly findings: Finding[]; readonly undecided: Undecided[] } {
  const best = Math.min(...tried.map(({ error }) => error));
  const good = convincing(tried, role);
  if (good.length === 0) return unconfirmed(tried, stated, best);
  const left = undominated(consistent(good, stated, name));
  const chosen = pick(left);
  const findings: Finding[] = [];
  const undecided: Undecided[] = [];
  for (const field of fields) {
    const value = chosen[field];
    const rivals = left.filter((one) => keyOf(field, one) !== keyOf(field, chosen));
    const errors = errorsBy(field, tried);
    if (stated[field] !== undefined)
      findings.push({ field, value, how: 'stated', evidence: `confirmed: ${errors}` });
    else if (rivals.length === 0)
      findings.push({
        field,
        value,
        how: isOnly(field, tried) ? 'graph' : 'measured',
        evidence: errors,
      });
    else if (closest(field, rivals, chosen) <= SAME)
      findings.push({
        field,
        value,
        how: 'indifferent',
        evidence: `other values give the same picture: ${errors}`,
      });
    else
      undecided.push({
        field,
        candidates: unique(field, left),
        evidence: `each gives the picture, but not the same pixels: ${errors}`,
      });
  }
  return { findings, undecided };
}

/** Nothing gives the picture: what is stated stands, the rest cannot be known. */
function unconfirmed(tried: readonly Tried[], stated: OnnxStatement, best: number) {
  const evidence = `under no assumption is the output the picture; at best it is off by ${digits(best)}`;
  const findings: Finding[] = [];
  const undecided: Undecided[] = [];
  for (const field of fields) {
    const given = stated[field];
    const candidates = unique(field, tried);
    if (given !== undefined) findings.push({ field, value: given, how: 'stated', evidence });
    else if (candidates.length === 1)
      findings.push({
        field,
        value: candidates[0],
        how: 'graph',
        evidence: 'no other is possible',
      });
    else undecided.push({ field, candidates, evidence });
  }
  return { findings, undecided };
}

function consistent(good: readonly Tried[], stated: OnnxStatement, name: string): Tried[] {
  let left = [...good];
  for (const field of fields) {
    const given = stated[field];
    if (given === undefined) continue;
    const agreeing = left.filter((one) => keyOf(field, one) === textOf(given));
    if (agreeing.length === 0) {
      const error = Math.min(...left.map((one) => one.error));
      const values = unique(field, left).map(textOf).join(' or ');
      const within = `the output equals the input within ${digits(error)} only for ${values}`;
      throw contradict(name, field, given, within);
    }
    left = agreeing;
  }
  return left;
}

/**
 * Hypotheses that no other beats clearly. A wide range makes errors small by itself, so that the
 * better one must be better in the network's own units as well.
 */
function undominated(good: readonly Tried[]): Tried[] {
  const errors = good.map(({ error, range }) => {
    const known = Math.max(error, LEAST_ERROR);
    return { known, own: known * rangeFactors(range).factor };
  });
  return good.filter(
    (_, index) =>
      !errors.some(
        ({ known, own }) =>
          known * CLEARLY <= errors[index]!.known && own * CLEARLY <= errors[index]!.own,
      ),
  );
}

/** The first of hypotheses that all give the same pixels, otherwise that of the least error. */
function pick(left: readonly Tried[]): Tried {
  const first = left[0]!;
  if (left.every((one) => differenceOf(first, one) <= SAME)) return first;
  return left.reduce((best, one) => (one.error < best.error ? one : best));
}

/** How far the pixels change where another value is taken and the rest is made to fit it. */
function closest(field: Field, rivals: readonly Tried[], chosen: Tried): number {
  const values = new Set(rivals.map((one) => keyOf(field, one)));
  return Math.max(
    ...[...values].map((value) =>
      Math.min(
        ...rivals
          .filter((one) => keyOf(field, one) === value)
          .map((one) => differenceOf(one, chosen)),
      ),
    ),
  );
}

function unique(field: Field, tried: readonly Tried[]): unknown[] {
  return [...new Map(tried.map((one) => [keyOf(field, one), one[field]])).values()];
}

function isOnly(field: Field, tried: readonly Tried[]): boolean {
  return unique(field, tried).length === 1;
}

/** The least error of each value, such as `[0,1] is off by 0.01, [0,255] by 0.4`. */
function errorsBy(field: Field, tried: readonly Tried[]): string {
  const least = new Map<string, number>();
  for (const one of tried) {
    const key = keyOf(field, one);
    least.set(key, Math.min(least.get(key) ?? Number.POSITIVE_INFINITY, one.error));
  }
  return [...least].map(([key, error]) => `${key} is off by ${digits(error)}`).join(', ');
}
