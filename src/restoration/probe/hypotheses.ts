import { type DataType, type Tensor, tensor } from '../../tensor/tensor.js';
import {
  type OnnxContract,
  type OnnxStatement,
  rangeFactors,
} from '../../weights/onnx/onnx-module.js';
import { modelImage } from '../run-onnx.js';
import { contradict, type Finding, textOf, type Undecided } from './report.js';
import type { SizeFindings } from './sizes.js';
import { compareInside, drawScene, scenes, type Trials, withNoise } from './trial-runs.js';

/** Standard deviation of the noise that denoisers are tried on, in [0, 1] units. */
const PROBE_SIGMA = 0.1;
/**
 * An image that is further off is not the image: for restorers of smooth images without noise,
 * five 8-bit steps; for denoisers, half the probe's noise.
 */
const tolerances = { restorer: 0.02, denoiser: PROBE_SIGMA / 2 };
/** Pixels beyond which one image is tried, not all. */
const MANY_PIXELS = 2 ** 15;

/** The entries of a contract that only pixels tell. */
export interface Hypothesis extends Pick<OnnxContract, 'range' | 'order' | 'output' | 'noise'> {}

/** A hypothesis with the images that it gives and how far they are from the clean ones. */
export interface Tried extends Hypothesis {
  /** Root mean square difference. */
  readonly error: number;
  readonly images: readonly Tensor[];
  /** False where the network gives the same value all over. */
  readonly responds: boolean;
}

/**
 * Runs a file under every range and unit of noise, then under the other order of channels where
 * that is worth it, and reads each output as an image and as noise.
 */
export async function tryHypotheses(
  trials: Trials,
  sizes: SizeFindings,
  role: OnnxContract['role'],
): Promise<Tried[]> {
  const { height, width, scale, structure } = sizes;
  const shown = height * width > MANY_PIXELS ? scenes.slice(0, 1) : scenes;
  const clean = shown.map((scene) => drawScene(scene, height, width, scale));
  const seen = shown.map((scene) => {
    const image = drawScene(scene, height, width);
    return role === 'denoiser' ? withNoise(image, PROBE_SIGMA) : image;
  });
  const outputs = scale === 1 ? (['image', 'noise'] as const) : (['image'] as const);

  const attempt = async (
    given: Pick<Hypothesis, 'range' | 'order' | 'noise'>,
  ): Promise<Tried[]> => {
    const module = trials.module(structure, { ...given, role, scale, size: sizes.size });
    const raw: Tensor<DataType>[] = [];
    for (const image of seen) raw.push(await trials.run(module, image, PROBE_SIGMA));
    const responds = varies(modelImage(module, raw[0]!, seen[0]!));
    return outputs.map((output) => {
      const read = { ...module, contract: { ...module.contract, output } };
      const images = raw.map((value, index) => modelImage(read, value, seen[index]!));
      const errors = images.map((image, index) => compareInside(image, clean[index]!).rms);
      return { ...given, output, images, responds, error: Math.max(...errors) };
    });
  };

  const tried: Tried[] = [];
  const first = combinations(structure.noise);
  for (const given of first) tried.push(...(await attempt({ ...given, order: 'rgb' })));
  const good = convincing(tried, role);
  const again =
    good.length === 0 ? first : first.filter((given) => good.some((one) => isSame(one, given)));
  for (const given of again) tried.push(...(await attempt({ ...given, order: 'bgr' })));
  return tried;
}

/**
 * Hypotheses that give the image. An output of next to nothing is the image as well once it is
 * taken off the input: that counts only where it depends on the image, as that of a network out
 * of its range may not, and where no output is the image itself.
 */
function convincing(tried: readonly Tried[], role: OnnxContract['role']): Tried[] {
  const good = tried.filter(({ error, responds }) => error <= tolerances[role] && responds);
  const images = good.filter(({ output }) => output === 'image');
  return images.length > 0 ? images : good;
}

/** Whether a channel of an image is not flat, its borders left out. */
function varies({ data, shape }: Tensor): boolean {
  const plane = shape[2]! * shape[3]!;
  return [0, 1, 2].some((channel) => {
    const from = channel * plane + Math.floor(plane / 4);
    const inside = data.subarray(from, from + Math.ceil(plane / 2));
    return inside.some((value) => Math.abs(value - inside[0]!) > 1e-6 * Math.abs(inside[0]!));
  });
}

/** Largest difference of the images that two hypotheses give. */
function differenceOf(a: Tried, b: Tried): number {
  const differences = a.images.map(
    (image, index) => compareInside(image, b.images[index] ?? tensor([1, 3, 0, 0])).largest,
  );
  return Math.max(...differences);
}

function isSame(a: Pick<Hypothesis, 'range' | 'noise'>, b: Pick<Hypothesis, 'range' | 'noise'>) {
  return a.range.join() === b.range.join() && timesOf(a.noise) === timesOf(b.noise);
}

/** What the noise level is multiplied with, where there is one. */
function timesOf(noise: Hypothesis['noise']): number {
  return noise.kind === 'none' ? 1 : noise.times;
}

const ranges: readonly OnnxContract['range'][] = [
  [0, 1],
  [0, 255],
  [-1, 1],
];

function combinations(kind: OnnxContract['noise']['kind']): Pick<Hypothesis, 'range' | 'noise'>[] {
  return ranges.flatMap((range): Pick<Hypothesis, 'range' | 'noise'>[] => {
    if (kind === 'none') return [{ range, noise: { kind } }];
    const times = range[0] === -1 ? ([1, 2, 255] as const) : ([1, 255] as const);
    return times.map((one) => ({ range, noise: { kind, times: one } }));
  });
}

type Field = keyof Hypothesis;
const fields: readonly Field[] = ['range', 'output', 'noise', 'order'];
/** Images that differ by less than half an 8-bit step are the same. */
const SAME = 0.5 / 255;
/** One error is clearly less than another where it is so many times less. */
const CLEARLY = 4;
/** Errors below this are rounding. */
const LEAST_ERROR = 1e-4;

const keyOf = (field: Field, one: Hypothesis): string => textOf(one[field]);
const digits = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(2))) : 'no number';

/**
 * Decides the entries of a contract that pixels tell, by which of the hypotheses give the image.
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
        evidence: `other values give the same image: ${errors}`,
      });
    else
      undecided.push({
        field,
        candidates: unique(field, left),
        evidence: `each gives the image, but not the same pixels: ${errors}`,
      });
  }
  return { findings, undecided };
}

/** Nothing gives the image: what is stated stands, the rest cannot be known. */
function unconfirmed(tried: readonly Tried[], stated: OnnxStatement, best: number) {
  const evidence = `under no assumption is the output the image; at best it is off by ${digits(best)}`;
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
