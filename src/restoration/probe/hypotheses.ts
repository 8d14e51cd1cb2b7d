import { type DataType, type Tensor, tensor } from '../../tensor/tensor.js';
import type { OnnxContract } from '../../weights/onnx/onnx-module.js';
import { modelPicture } from '../onnx-pictures.js';
import { compareInside, drawScene, scenes, withNoise } from './pictures.js';
import type { SizeFindings } from './sizes.js';
import type { Trials } from './trial.js';

/** Standard deviation of the noise that denoisers are tried on, in [0, 1] units. */
export const PROBE_SIGMA = 0.1;
/**
 * A picture that is further off is not the picture: for restorers of smooth pictures without noise,
 * five 8-bit steps; for denoisers, half the probe's noise.
 */
const tolerances = { restorer: 0.02, denoiser: PROBE_SIGMA / 2 };
/** Pixels beyond which one picture is tried, not all. */
const MANY_PIXELS = 2 ** 15;

/** The entries of a contract that only pixels tell. */
export interface Hypothesis extends Pick<OnnxContract, 'range' | 'order' | 'output' | 'noise'> {}

/** A hypothesis with the pictures that it gives and how far they are from the clean ones. */
export interface Tried extends Hypothesis {
  /** Root mean square difference. */
  readonly error: number;
  readonly pictures: readonly Tensor[];
  /** False where the network gives the same value all over. */
  readonly responds: boolean;
}

/**
 * Runs a file under every range and unit of noise, then under the other order of channels where
 * that is worth it, and reads each output as a picture and as noise.
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
    const picture = drawScene(scene, height, width);
    return role === 'denoiser' ? withNoise(picture, PROBE_SIGMA) : picture;
  });
  const outputs = scale === 1 ? (['image', 'noise'] as const) : (['image'] as const);

  const attempt = async (
    given: Pick<Hypothesis, 'range' | 'order' | 'noise'>,
  ): Promise<Tried[]> => {
    const module = trials.module(structure, { ...given, role, scale, size: sizes.size });
    const raw: Tensor<DataType>[] = [];
    for (const picture of seen) raw.push(await trials.run(module, picture, PROBE_SIGMA));
    const responds = varies(modelPicture(module, raw[0]!, seen[0]!));
    return outputs.map((output) => {
      const read = { ...module, contract: { ...module.contract, output } };
      const pictures = raw.map((value, index) => modelPicture(read, value, seen[index]!));
      const errors = pictures.map((picture, index) => compareInside(picture, clean[index]!).rms);
      return { ...given, output, pictures, responds, error: Math.max(...errors) };
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
 * Hypotheses that give the picture. An output of next to nothing is the picture as well once it is
 * taken off the input: that counts only where it depends on the picture, as that of a network out
 * of its range may not, and where no output is the picture itself.
 */
export function convincing(tried: readonly Tried[], role: OnnxContract['role']): Tried[] {
  const good = tried.filter(({ error, responds }) => error <= tolerances[role] && responds);
  const images = good.filter(({ output }) => output === 'image');
  return images.length > 0 ? images : good;
}

/** Whether a channel of a picture is not flat, its borders left out. */
function varies({ data, shape }: Tensor): boolean {
  const plane = shape[2]! * shape[3]!;
  return [0, 1, 2].some((channel) => {
    const from = channel * plane + Math.floor(plane / 4);
    const inside = data.subarray(from, from + Math.ceil(plane / 2));
    return inside.some((value) => Math.abs(value - inside[0]!) > 1e-6 * Math.abs(inside[0]!));
  });
}

/** Largest difference of the pictures that two hypotheses give. */
export function differenceOf(a: Tried, b: Tried): number {
  const differences = a.pictures.map(
    (picture, index) => compareInside(picture, b.pictures[index] ?? tensor([1, 3, 0, 0])).largest,
  );
  return Math.max(...differences);
}

function isSame(a: Pick<Hypothesis, 'range' | 'noise'>, b: Pick<Hypothesis, 'range' | 'noise'>) {
  return a.range.join() === b.range.join() && timesOf(a.noise) === timesOf(b.noise);
}

/** What the noise level is multiplied with, where there is one. */
export function timesOf(noise: Hypothesis['noise']): number {
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
