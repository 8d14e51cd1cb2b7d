import type { GraphRunner } from '../../graph/graph-runner.js';
import { input, lowerToOnnx, ParameterScope } from '../../graph/index.js';
import type { ImageMetric, MetricFacts } from '../../metrics/metric.js';
import { checkBorder, withoutBorder } from '../../metrics/planes.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { allFinite } from '../../utils/finite.js';
import { moduleKey, type PerceptualModule } from '../../weights/module-file.js';

/** A network's score as a metric. */
export interface PerceptualFacts {
  readonly name: string;
  readonly range: readonly [number, number];
  readonly border: number;
  /** Names the weights, on which figures depend. */
  readonly version: string;
}

/** The metric of a network that judges images, on R G B without the border. */
export function perceptualMetric(
  module: PerceptualModule,
  runner: GraphRunner,
  facts: PerceptualFacts,
): ImageMetric {
  checkBorder(facts.border);
  const score = createPerceptualMetric(module, runner);
  const { network } = module;
  const images = network.images;
  const inside = (image: Tensor) => withoutBorder('test', image, facts.border);
  return {
    ...facts,
    direction: network.better,
    unit: '',
    colourSpace: 'rgb',
    images,
    measure: async (test, reference) =>
      images === 1
        ? score(inside(test))
        : score(inside(test), inside(requireReference(facts.name, reference))),
  };
}

/** |score(test) - score(reference)| of a score that judges images alone. */
export function deltaMetric(
  name: string,
  blind: Omit<MetricFacts, 'direction'>,
  score: Score,
): ImageMetric {
  return {
    ...blind,
    name,
    direction: 'lower',
    range: [0, blind.range[1] - blind.range[0]],
    images: 2,
    measure: async (test, reference) => {
      const target = requireReference(name, reference);
      if (test.shape.join() !== target.shape.join())
        throw new ParameterError('test', `the reference's shape [${target.shape}]`, test.shape);
      return Math.abs((await score(test)) - (await score(target)));
    },
  };
}

/** A blind metric and its score, which others may share. */
export function sharedScore(metric: ImageMetric): Score {
  return remembered((image) => metric.measure(image));
}

/** @throws ParameterError where there is no reference. */
export function requireReference(name: string, reference: Tensor | undefined): Tensor {
  if (reference !== undefined) return reference;
  throw new ParameterError('reference', `an image for ${name} to compare`, reference);
}

/**
 * The score of an image, [3, H, W] R G B in [0, 1], or of an image against its reference of the
 * same shape.
 * @throws ParameterError for a reference that is missing, unasked for or of another shape, for too
 * few pixels and for values that are not finite; what the runner throws.
 */
export type PerceptualMetric = (image: Tensor, reference?: Tensor) => Promise<number>;

/** Names of the images in messages, in the order in which networks take them. */
const inputNames = ['image', 'reference'] as const;

/**
 * The metric that a perceptual network makes, on a runner. One graph is compiled for each size of
 * images and kept in the runner's cache. Whether low or high scores are good stands in
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

/** The score of one image. */
export type Score = (image: Tensor) => Promise<number>;

/**
 * A score that is computed once for each image, however many metrics ask for it: a target is
 * judged once beside all methods. Images are told apart as objects and not kept alive.
 */
export function remembered(score: Score): Score {
  const known = new WeakMap<Tensor, Promise<number>>();
  return (image) => {
    const found = known.get(image) ?? score(image);
    known.set(image, found);
    return found;
  };
}
