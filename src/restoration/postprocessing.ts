import { clamped } from '../degradation/degradation.js';
import {
  type ConsistencyOptions,
  cautiousConsistency,
  makeConsistentWithin,
} from '../degradation/operators/consistency.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { copyWindow, type Rectangle } from '../tensor/window.js';
import { ParameterError } from '../utils/errors.js';
import type { DegradedInput } from './image-input.js';
import { type ConsistencyKind, consistencyKinds, type PackManifest } from './pack.js';
import type { Restoration } from './restore.js';
import { taskOf } from './tasks.js';

/** What becomes of a finished chain. Plain JSON. */
export interface ResultSettings {
  readonly consistency: ConsistencyKind;
  /**
   * In [0, 1]: 0 is the restoration network's image, 1 the sample, between them
   * restored + detail (sample - restored) of both as they are shown, consistent and in [0, 1].
   */
  readonly detail: number;
}

/**
 * Completes a request from a pack's own values; without these a result is the sample as it is.
 * @throws ParameterError for a detail outside [0, 1], or consistency of a task whose degradation is
 * not known.
 */
export function resolveResult(
  request: { readonly [K in keyof ResultSettings]?: ResultSettings[K] | undefined },
  { task, result = {} }: Pick<PackManifest, 'task' | 'result'>,
): ResultSettings {
  const consistency = request.consistency ?? result.consistency ?? 'none';
  const detail = request.detail ?? result.detail ?? 1;
  if (!consistencyKinds.includes(consistency))
    throw new ParameterError('consistency', consistencyKinds.join(', '), consistency);
  if (consistency !== 'none' && taskOf(task).operator === undefined)
    throw new ParameterError(
      'consistency',
      `none for ${task}, whose degradation is unknown`,
      consistency,
    );
  if (!(detail >= 0 && detail <= 1))
    throw new ParameterError('detail', 'a number in [0, 1]', detail);
  return { consistency, detail };
}

/** Makes results of one region out of what its chains give. */
export interface Finish {
  /**
   * The finished image [3, height, width] in [0, 1].
   * @param sample x_0 of the chain, not clamped; undefined where `detail` is 0.
   */
  finish(sample: Float32Array | undefined): Tensor;
}

/** Side of the part of an input that its noise is estimated on, in the middle. */
const NOISE_PART = 1024;
/** Mean squared error of x_IR where a pack does not say. */
const USUAL_ERROR = 2e-3;

/** How closely results agree with the input; undefined where they need not. */
export async function consistencyOptions(
  { pack, input }: Restoration,
  { consistency }: ResultSettings,
): Promise<ConsistencyOptions | undefined> {
  if (consistency === 'none') return undefined;
  if (consistency === 'exact') return {};
  const [height, width] = [Math.min(input.height, NOISE_PART), Math.min(input.width, NOISE_PART)];
  const part = {
    ...{ top: (input.height - height) >> 1, left: (input.width - width) >> 1, height, width },
  };
  const { restoredError = USUAL_ERROR } = pack.manifest.result ?? {};
  return cautiousConsistency(await measured(input, part), restoredError);
}

/** A part of the input as an image [3, height, width]. */
async function measured(
  input: DegradedInput,
  { top, left, height, width }: Rectangle,
): Promise<Tensor> {
  const span = (start: number, length: number) => ({
    ...{ start, length, weights: new Float32Array(length).fill(1) },
  });
  const cut = await input.cut({ index: 0, rows: span(top, height), columns: span(left, width) });
  return tensor([3, height, width], cut.data);
}

/**
 * Prepares the results of a region.
 * @param region of the result, in pixels.
 * @param restored x_IR of it [3, height, width], not clamped.
 * @param consistency from `consistencyOptions`.
 */
export async function openFinish(
  restoration: Restoration,
  region: Rectangle,
  restored: Tensor,
  { detail }: ResultSettings,
  consistency: ConsistencyOptions | undefined,
): Promise<Finish> {
  const shown =
    consistency === undefined ? clamped : await openConsistency(restoration, region, consistency);
  let base: Float32Array | undefined;
  const baseOf = (): Float32Array => {
    base ??= shown(restored).data;
    return base;
  };
  return {
    finish: (sample) => {
      if (sample === undefined) return tensor(restored.shape, baseOf().slice());
      const made = shown(tensor(restored.shape, sample));
      if (detail === 1) return made;
      const plain = baseOf();
      const { data } = made;
      for (let place = 0; place < data.length; place += 1)
        data[place] = plain[place]! + detail * (data[place]! - plain[place]!);
      return made;
    },
  };
}

/**
 * Images of a region as they are shown: in [0, 1], and such that the task's degradation maps them to
 * the input. It
 * covers the pixels of the region whose measurements lie inside it as a whole; a region's margins
 * hold what the cut changes, since the influence of a measurement falls off within few pixels.
 */
async function openConsistency(
  { pack, input, scale }: Restoration,
  region: Rectangle,
  consistency: ConsistencyOptions,
): Promise<(image: Tensor) => Tensor> {
  const top = Math.ceil(region.top / scale);
  const left = Math.ceil(region.left / scale);
  const height = Math.floor((region.top + region.height) / scale) - top;
  const width = Math.floor((region.left + region.width) / scale) - left;
  if (height < 1 || width < 1) return clamped;
  const measurement = await measured(input, { top, left, height, width });
  const operator = taskOf(pack.manifest.task).operator!(scale, height * scale, width * scale);
  const inner = {
    top: top * scale - region.top,
    left: left * scale - region.left,
    height: height * scale,
    width: width * scale,
  };
  const isWhole = inner.height === region.height && inner.width === region.width;
  return (image) => {
    if (isWhole) return makeConsistentWithin(operator, image, measurement, consistency);
    const size = [3, region.height, region.width] as const;
    const cut = tensor([3, inner.height, inner.width]);
    copyWindow(image.data, size, inner, cut.data);
    const made = clamped(image);
    putWindow(
      made.data,
      size,
      inner,
      makeConsistentWithin(operator, cut, measurement, consistency).data,
    );
    return made;
  };
}

function putWindow(
  planes: Float32Array,
  [channels, rows, columns]: readonly [number, number, number],
  { top, left, height, width }: Rectangle,
  values: Float32Array,
): void {
  for (let channel = 0; channel < channels; channel += 1)
    for (let y = 0; y < height; y += 1) {
      const from = (channel * height + y) * width;
      planes.set(values.subarray(from, from + width), (channel * rows + top + y) * columns + left);
    }
}
