import { ModelError } from '../../utils/errors.js';
import {
  imageAndNoiseInputs,
  type OnnxContract,
  type OnnxStatement,
} from '../../weights/onnx/onnx-module.js';
import type { Structure } from './probe-contract.js';
import { contradict } from './report.js';
import type { Trials } from './trial-runs.js';

/** Sizes tried first: multiples of much, small ones before large ones. */
const BASES = [48, 64, 96, 128, 192, 256, 512];
const SMALLEST = [1, 2, 4, 8, 16, 24, 32];

/** A size that works, and what was learnt of others. */
export interface SizeFindings {
  readonly structure: Structure;
  readonly height: number;
  readonly width: number;
  readonly scale: number;
  readonly size: OnnxContract['size'];
  readonly how: 'graph' | 'measured' | 'stated';
  readonly evidence: string;
}

/**
 * Finds the structures of which a file takes images, each with its scale and its sizes.
 * @throws ModelError where it takes none, or contradicts a stated size.
 */
export async function probeSizes(
  trials: Trials,
  structures: readonly Structure[],
  stated: OnnxStatement,
): Promise<SizeFindings[]> {
  const found: SizeFindings[] = [];
  let failure = '';
  for (const structure of structures) {
    const fixed = fixedSize(trials, structure);
    if (stated.size?.fixed !== undefined && fixed !== undefined)
      if (stated.size.fixed.join() !== fixed.join())
        throw contradict(
          trials.file.name,
          'size.fixed',
          stated.size.fixed,
          `the graph takes ${fixed.join(' x ')}`,
        );
    const only = fixed ?? stated.size?.fixed;
    const candidates = only === undefined ? basesFor(stated) : [only];
    for (const [height, width] of candidates) {
      const trial = await trials.size(structure, height, width);
      if (trial.failure !== undefined) {
        failure ||= trial.failure;
        continue;
      }
      const known = { structure, height, width, scale: trial.scale };
      found.push(
        only === undefined
          ? { ...known, ...(await rulesAround(trials, known, stated)) }
          : {
              ...known,
              size: { multiple: 1, minimum: 1, fixed: [height, width] },
              how: fixed === undefined ? 'stated' : 'graph',
              evidence: `images of ${height} x ${width} pixels`,
            },
      );
      break;
    }
  }
  if (found.length > 0) return found;
  throw new ModelError(
    trials.file.name,
    `takes no image of the sizes tried; state its size, or export it with dynamic axes: ${failure}`,
  );
}

function basesFor({ size }: OnnxStatement): [number, number][] {
  const bases = BASES.map((base): [number, number] => [base, base]);
  if (size === undefined) return bases;
  const own = Math.ceil(Math.max(48, size.minimum) / size.multiple) * size.multiple;
  return [[own, own], ...bases];
}

/** The only size of a graph with fixed axes. */
function fixedSize({ file }: Trials, { layout }: Structure): [number, number] | undefined {
  const { axes } = imageAndNoiseInputs(file).image;
  const [height, width] = layout === 'nchw' ? [axes[2]!, axes[3]!] : [axes[1]!, axes[2]!];
  if (typeof height === 'string' && typeof width === 'string') return undefined;
  if (typeof height === 'number' && typeof width === 'number') return [height, width];
  throw new ModelError(
    file.name,
    `fixes one side of its images only, [${axes.join(', ')}]: expected both sides fixed, or both dynamic`,
  );
}

async function rulesAround(
  trials: Trials,
  { structure, height: base, scale }: { structure: Structure; height: number; scale: number },
  stated: OnnxStatement,
): Promise<Pick<SizeFindings, 'size' | 'how' | 'evidence'>> {
  const attempt = async (side: number) => {
    const trial = await trials.size(structure, side, side);
    return trial.scale === scale ? undefined : (trial.failure ?? `scale ${trial.scale}`);
  };
  if (stated.size !== undefined) {
    const { multiple, minimum } = stated.size;
    const least = Math.ceil(minimum / multiple) * multiple;
    for (const side of [least, least + multiple]) {
      const failure = await attempt(side);
      if (failure !== undefined)
        throw contradict(
          trials.file.name,
          'size',
          stated.size,
          `${side} x ${side} pixels fail: ${failure}`,
        );
    }
    const evidence = `${least} and ${least + multiple} pixels a side work`;
    return { size: stated.size, how: 'stated', evidence };
  }
  let multiple = base;
  let refused = '';
  for (let step = 1; step < base; step += 1) {
    if (base % step !== 0) continue;
    const failure = await attempt(base + step);
    if (failure === undefined) {
      multiple = step;
      break;
    }
    refused = `, ${base + step} fails (${failure})`;
  }
  let minimum = base;
  for (const candidate of SMALLEST) {
    const side = Math.ceil(candidate / multiple) * multiple;
    if (side >= base) break;
    if ((await attempt(side)) !== undefined) continue;
    minimum = side;
    break;
  }
  const evidence = `${base + multiple} pixels a side work${refused}; so do ${minimum}`;
  return { size: { multiple, minimum }, how: 'measured', evidence };
}
