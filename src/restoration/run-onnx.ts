import type { GraphRunner } from '../graph/graph-runner.js';
import type { Tensor } from '../tensor/tensor.js';
import type { OnnxModule } from '../weights/onnx/onnx-module.js';
import { modelFeeds, modelPicture, paddedSize } from './onnx-pictures.js';

const identities = new WeakMap<Uint8Array, number>();
let identified = 0;

/**
 * What the network of a module makes of a picture.
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
  return modelPicture(module, outputs[output.name]!, image);
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
