import type { GraphRunner } from '../../graph/graph-runner.js';
import { input, lowerToOnnx, ParameterScope } from '../../graph/index.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { allFinite } from '../../utils/finite.js';
import { moduleKey, type PerceptualModule } from '../../weights/module-file.js';

/**
 * The score of an image, [3, H, W] R G B in [0, 1], or of an image against its reference of the
 * same shape.
 * @throws ParameterError for a reference that is missing, superfluous or of another shape, for too
 * few pixels and for values that are not finite; what the runner throws.
 */
export type PerceptualMetric = (image: Tensor, reference?: Tensor) => Promise<number>;

/** Names of the images in messages, in the order in which networks take them. */
const inputNames = ['image', 'reference'] as const;

/**
 * The metric that a perceptual network makes, on a runner. One graph is compiled for each size of
 * images and stays in the runner's cache. Whether low or high scores are better is
 * `module.network.better`.
 *
 * @example
 * const lpips = createPerceptualMetric(decodeModule(bytes, 'alex', findPerceptualNetwork), runner);
 * const distance = await lpips(restored, target);
 */
export function createPerceptualMetric(
  module: PerceptualModule,
  runner: GraphRunner,
): PerceptualMetric {
  const { network, config, weights } = module;
  return async (image, reference) => {
    const images = requireImages(module, image, reference);
    const [, height, width] = image.shape as [number, number, number];
    const compiled = await runner.compile(`score ${moduleKey(module)} ${height}x${width}`, () => {
      const values = images.map((_, index) => input(inputNames[index]!, [1, 3, height, width]));
      const score = network.build(config, new ParameterScope(), values);
      return lowerToOnnx({ outputs: { score }, weights }).bytes;
    });
    const feeds = images.map((each, index) => [
      inputNames[index]!,
      tensor([1, 3, height, width], each.data),
    ]);
    const { score } = await compiled.run(Object.fromEntries(feeds));
    return (score as Tensor).data[0]!;
  };
}

function requireImages(
  { network, config }: PerceptualModule,
  image: Tensor,
  reference: Tensor | undefined,
): Tensor[] {
  if (network.images === 1) {
    if (reference !== undefined)
      throw new ParameterError('reference', `none, since ${network.name} judges alone`, reference);
    requireImage('image', image, network.sizeRule(config).minimum);
    return [image];
  }
  requireImage('image', image, network.sizeRule(config).minimum);
  if (reference === undefined)
    throw new ParameterError('reference', `an image for ${network.name} to compare`, reference);
  if (image.shape.join() !== reference.shape.join())
    throw new ParameterError('reference', `the image's shape [${image.shape}]`, reference.shape);
  requireImage('reference', reference, network.sizeRule(config).minimum);
  return [image, reference];
}

function requireImage(name: string, { shape, data }: Tensor, minimum: number): void {
  if (shape.length !== 3 || shape[0] !== 3)
    throw new ParameterError(name, 'an image [3, height, width]', shape);
  if (shape[1]! < minimum || shape[2]! < minimum)
    throw new ParameterError(name, `at least ${minimum} x ${minimum} pixels`, shape);
  if (!allFinite(data))
    throw new ParameterError(name, 'finite values', 'NaN or infinity among them');
}
