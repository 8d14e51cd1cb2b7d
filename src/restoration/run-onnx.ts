import type { Feeds, GraphRunner } from '../graph/graph-runner.js';
import { float32ToFloat16, toFloat32 } from '../tensor/half.js';
import { type DataType, sizeOf, type Tensor, tensor, typedTensor } from '../tensor/tensor.js';
import { ModelError } from '../utils/errors.js';
import { imageAndNoiseInputs, type OnnxModule, rangeFactors } from '../weights/onnx/onnx-module.js';

const identities = new WeakMap<Uint8Array, number>();
let identified = 0;

/**
 * What the network of a module makes of an image.
 * @param image [1, 3, H, W] in [0, 1] units, RGB.
 * @param sigma standard deviation of its noise, for denoisers.
 * @returns [1, 3, H scale, W scale] in the same units.
 * @throws ModelError where the output is not what the contract says.
 */
export async function runOnnx(
  runner: GraphRunner,
  module: OnnxModule,
  image: Tensor,
  sigma?: number,
): Promise<Tensor> {
  const { bytes, output } = module.file;
  const graph = await runner.compile(keyOfOnnx(bytes), () => bytes);
  const outputs = await graph.run(modelFeeds(module, image, sigma));
  return modelImage(module, outputs[output.name]!, image);
}

/**
 * Multiply-adds of a run, roughly: one for each weight and pixel of input, as if nothing in the
 * network were at another resolution.
 */
export function roughMacs(module: OnnxModule, height: number, width: number): number {
  const [tall, wide] = paddedSize(module, height, width);
  return module.file.parameters * tall * wide;
}

/** Tells files apart in the cache of a runner, which outlives a module. */
export function keyOfOnnx(bytes: Uint8Array): string {
  let identity = identities.get(bytes);
  if (identity === undefined) {
    identity = identified++;
    identities.set(bytes, identity);
  }
  return `onnx ${identity}`;
}

type Extents = readonly [height: number, width: number];

/** The size that a tile is padded to before the network of a module sees it. */
function paddedSize({ contract: { size } }: OnnxModule, height: number, width: number) {
  if (size.fixed !== undefined) return size.fixed as Extents;
  const up = (pixels: number): number =>
    Math.ceil(Math.max(pixels, size.minimum) / size.multiple) * size.multiple;
  return [up(height), up(width)] as const;
}

/**
 * An image as the network of a module wants it: mirrored downwards and to the right up to its
 * size, in its range, order of channels, layout and element type, with the noise level.
 * @param image [1, 3, H, W] in [0, 1] units, RGB.
 * @param sigma the noise's standard deviation in the same units; unused by restorers.
 * @throws ModelError where the image is larger than the only size of the network.
 */
export function modelFeeds(module: OnnxModule, image: Tensor, sigma = 0): Feeds {
  const { range, order, layout, elementType, noise } = module.contract;
  const { image: imageInput, noise: second } = imageAndNoiseInputs(module.file);
  const [, , height, width] = image.shape as [number, number, number, number];
  const [tall, wide] = paddedSize(module, height, width);
  if (tall < height || wide < width)
    throw new ModelError(
      module.file.name,
      `takes images of one size only: expected ${tall} x ${wide} pixels, received ${height} x ${width}`,
    );
  const level = noise.kind === 'none' ? 0 : noise.times * sigma;
  const channels = noise.kind === 'channel' ? 4 : 3;
  const { factor, offset } = rangeFactors(range);
  const data = new Float32Array(channels * tall * wide);
  const rows = mirrored(height, tall);
  const columns = mirrored(width, wide);
  const step = layout === 'nchw' ? 1 : channels;
  for (let channel = 0; channel < channels; channel += 1) {
    const plane = (order === 'rgb' ? channel : 2 - channel) * height * width;
    let to = layout === 'nchw' ? channel * tall * wide : channel;
    for (let y = 0; y < tall; y += 1) {
      const row = plane + rows[y]! * width;
      for (let x = 0; x < wide; x += 1) {
        data[to] = channel === 3 ? level : image.data[row + columns[x]!]! * factor + offset;
        to += step;
      }
    }
  }
  const shape = layout === 'nchw' ? [1, channels, tall, wide] : [1, tall, wide, channels];
  const feeds: Record<string, Tensor<DataType>> = {
    [imageInput.name]: asElements(tensor(shape, data), elementType),
  };
  if (second !== undefined) {
    const map = layout === 'nchw' ? [1, 1, tall, wide] : [1, tall, wide, 1];
    const axes = noise.kind === 'map' ? map : second.axes.map(() => 1);
    const value = tensor(axes, new Float32Array(sizeOf(axes)).fill(level));
    feeds[second.name] = asElements(value, second.elementType);
  }
  return feeds;
}

/**
 * The image [1, 3, H scale, W scale] in [0, 1] units, RGB, that a network made of `image`.
 * @param output of the network for `modelFeeds(module, image)`.
 * @throws ModelError where it has another shape than the contract says.
 */
export function modelImage(module: OnnxModule, output: Tensor<DataType>, image: Tensor): Tensor {
  const { range, order, layout, scale, output: meaning } = module.contract;
  const [, , height, width] = image.shape as [number, number, number, number];
  const [tall, wide] = paddedSize(module, height, width).map((side) => side * scale) as [
    number,
    number,
  ];
  const expected = layout === 'nchw' ? [1, 3, tall, wide] : [1, tall, wide, 3];
  if (output.shape.join() !== expected.join())
    throw new ModelError(
      module.file.name,
      `gave an output that its contract does not describe: expected [${expected.join(', ')}], received [${output.shape.join(', ')}]`,
    );
  const values = toFloat32(output).data;
  const { factor, offset } = rangeFactors(range);
  const result = tensor([1, 3, height * scale, width * scale]);
  const isImage = meaning === 'image';
  const step = layout === 'nchw' ? 1 : 3;
  let place = 0;
  for (let channel = 0; channel < 3; channel += 1) {
    const from = order === 'rgb' ? channel : 2 - channel;
    for (let y = 0; y < height * scale; y += 1) {
      let at = layout === 'nchw' ? (from * tall + y) * wide : y * wide * 3 + from;
      for (let x = 0; x < width * scale; x += 1) {
        const value = values[at]!;
        result.data[place] = isImage
          ? (value - offset) / factor
          : image.data[place]! - value / factor;
        place += 1;
        at += step;
      }
    }
  }
  return result;
}

/** Places in a row of `extent` pixels that a row of `target` mirrored ones comes from. */
function mirrored(extent: number, target: number): Int32Array {
  const period = Math.max(1, 2 * (extent - 1));
  return Int32Array.from({ length: target }, (_, place) => {
    const phase = place % period;
    return Math.min(phase, period - phase);
  });
}

function asElements(value: Tensor, elementType: string): Tensor<DataType> {
  if (elementType !== 'float16') return value;
  return typedTensor('float16', value.shape, float32ToFloat16(value.data));
}
