import type { GraphRunner } from '../../graph/graph-runner.js';
import { input, lowerToOnnx, ParameterScope } from '../../graph/index.js';
import type { MetricFacts, PictureMetric } from '../../metrics/metric.js';
import { checkBorder, withoutBorder } from '../../metrics/planes.js';
import { allFinite } from '../../restoration/finite.js';
import { ParameterError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { moduleKey, type PerceptualModule } from '../../weights/module-file.js';

/** A network's score as a metric. */
export interface PerceptualFacts {
  readonly name: string;
  readonly range: readonly [number, number];
  readonly border: number;
  /** Names the weights, on which figures depend. */
  readonly version: string;
}

/** The metric of a network that judges pictures, on R G B without the border. */
export function perceptualMetric(
  module: PerceptualModule,
  runner: GraphRunner,
  facts: PerceptualFacts,
): PictureMetric {
  checkBorder(facts.border);
  const score = createPerceptualMetric(module, runner);
  const { network, config } = module;
  const pictures = network.pictures(config);
  const inside = (picture: Tensor) => withoutBorder('test', picture, facts.border);
  return {
    ...facts,
    direction: network.better,
    unit: '',
    colourSpace: 'rgb',
    pictures,
    measure: async (test, reference) =>
      pictures === 1
        ? score(inside(test))
        : score(inside(test), inside(requireReference(facts.name, reference))),
  };
}

/** |score(test) - score(reference)| of a score that judges pictures alone. */
export function deltaMetric(
  name: string,
  blind: Omit<MetricFacts, 'direction'>,
  score: Score,
): PictureMetric {
  return {
    ...blind,
    name,
    direction: 'lower',
    range: [0, blind.range[1] - blind.range[0]],
    pictures: 2,
    measure: async (test, reference) => {
      const target = requireReference(name, reference);
      if (test.shape.join() !== target.shape.join())
        throw new ParameterError('test', `the reference's shape [${target.shape}]`, test.shape);
      return Math.abs((await score(test)) - (await score(target)));
    },
  };
}

/** A blind metric and its score, which others may share. */
export function sharedScore(metric: PictureMetric): Score {
  return remembered((picture) => metric.measure(picture));
}

/** @throws ParameterError where there is no reference. */
export function requireReference(name: string, reference: Tensor | undefined): Tensor {
  if (reference !== undefined) return reference;
  throw new ParameterError('reference', `a picture for ${name} to compare`, reference);
}

/**
 * The score of a picture, [3, H, W] R G B in [0, 1], or of a picture against its reference of the
 * same shape.
 * @throws ParameterError for a reference that is missing, unasked for or of another shape, for too
 * few pixels and for values that are not finite; what the runner throws.
 */
export type PerceptualMetric = (picture: Tensor, reference?: Tensor) => Promise<number>;

/** Names of the pictures in messages, in the order in which networks take them. */
const inputNames = ['picture', 'reference'] as const;

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
      const values = pictures.map((_, index) => input(inputNames[index]!, [1, 3, height, width]));
      const score = network.build(config, new ParameterScope(), values);
      return lowerToOnnx({ outputs: { score }, weights }).bytes;
    });
    const feeds = pictures.map((each, index) => [
      inputNames[index]!,
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

/** The score of one picture. */
export type Score = (picture: Tensor) => Promise<number>;

/**
 * A score that is computed once for each picture, however many metrics ask for it: a target is
 * judged once beside all methods. Pictures are told apart as objects and not kept alive.
 */
export function remembered(score: Score): Score {
  const known = new WeakMap<Tensor, Promise<number>>();
  return (picture) => {
    const found = known.get(picture) ?? score(picture);
    known.set(picture, found);
    return found;
  };
}
