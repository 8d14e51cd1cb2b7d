import type { GraphRunner } from '../../graph/graph-runner.js';
import { input, lowerToOnnx, ParameterScope } from '../../graph/index.js';
import { allFinite } from '../../restoration/finite.js';
import { ParameterError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { moduleKey, type PerceptualModule } from '../../weights/module-file.js';

/**
 * The score of a picture, [3, H, W] R G B in [0, 1], or of a picture against its reference of the
 * same shape.
 * @throws ParameterError for a reference that is missing, unasked for or of another shape, for too
 * few pixels and for values that are not finite; what the runner throws.
 */
export type PerceptualMetric = (picture: Tensor, reference?: Tensor) => Promise<number>;

/** Names of the pictures in messages, in the order in which networks take them. */
const names = ['picture', 'reference'] as const;

/**
 * The metric that a perceptual network makes, on a runner. One graph is compiled for each size of
 * pictures and kept in the runner's cache. Whether low or high scores are good stands in
 * `module.network.better`.
 *
 * @example
 * const lpips = createPerceptualMetric(decodePerceptualModule(bytes, 'alex'), runner);
 * const distance = await lpips(restored, target);
 */
export function createPerceptualMetric(
  module: PerceptualModule,
  runner: GraphRunner,
): PerceptualMetric {
  const { network, config, weights } = module;
  return async (picture, reference) => {
    const pictures = requirePictures(module, picture, reference);
    const [, height, width] = picture.shape as [number, number, number];
    const compiled = await runner.compile(`score ${moduleKey(module)} ${height}x${width}`, () => {
      const values = pictures.map((_, index) => input(names[index]!, [1, 3, height, width]));
      const score = network.build(config, new ParameterScope(), values);
      return lowerToOnnx({ outputs: { score }, weights }).bytes;
    });
    const feeds = pictures.map((each, index) => [
      names[index]!,
      tensor([1, 3, height, width], each.data),
    ]);
    const { score } = await compiled.run(Object.fromEntries(feeds));
    return (score as Tensor).data[0]!;
  };
}

function requirePictures(
  { network, config }: PerceptualModule,
  picture: Tensor,
  reference: Tensor | undefined,
): Tensor[] {
  if (network.pictures(config) === 1) {
    if (reference !== undefined)
      throw new ParameterError('reference', `none, since ${network.name} judges alone`, reference);
    requirePicture('picture', picture, network.minimum(config));
    return [picture];
  }
  requirePicture('picture', picture, network.minimum(config));
  if (reference === undefined)
    throw new ParameterError('reference', `a picture for ${network.name} to compare`, reference);
  if (picture.shape.join() !== reference.shape.join())
    throw new ParameterError(
      'reference',
      `the picture's shape [${picture.shape}]`,
      reference.shape,
    );
  requirePicture('reference', reference, network.minimum(config));
  return [picture, reference];
}

function requirePicture(name: string, { shape, data }: Tensor, minimum: number): void {
  if (shape.length !== 3 || shape[0] !== 3)
    throw new ParameterError(name, 'a picture [3, height, width]', shape);
  if (shape[1]! < minimum || shape[2]! < minimum)
    throw new ParameterError(name, `at least ${minimum} x ${minimum} pixels`, shape);
  if (!allFinite(data))
    throw new ParameterError(name, 'finite values', 'NaN or infinity among them');
}
