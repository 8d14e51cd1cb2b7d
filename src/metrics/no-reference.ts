import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import {
  type ImageMetric,
  type Metric,
  type MetricResources,
  type MetricSettings,
  requireReference,
} from './metric.js';

/** A no-reference metric and its difference from the reference, declared together. */
interface NoReferenceSpec extends Omit<Metric, 'input' | 'judges' | 'open'> {
  /** Name and title of |score(test) - score(reference)|. */
  readonly difference: { readonly name: string; readonly title: string };
  readonly open: (settings: MetricSettings, resources: MetricResources) => Promise<ImageMetric>;
}

/**
 * Declares a no-reference metric and its difference from the reference. Both share scores: an image
 * is judged once, however many metrics need it.
 */
export function noReferenceMetrics({
  difference,
  open,
  ...declared
}: NoReferenceSpec): readonly [metric: Metric, difference: Metric] {
  const { name } = declared;
  const opened = (settings: MetricSettings, resources: MetricResources): Promise<ImageMetric> =>
    resources.shared(`${name} ${settings.border ?? 0}`, async () =>
      remembered(await open(settings, resources)),
    );
  return [
    { ...declared, input: 'image', judges: 'perception', open: opened },
    {
      ...declared,
      ...difference,
      input: 'pair',
      judges: 'perception',
      open: async (settings, resources) =>
        differenceOf(difference.name, await opened(settings, resources)),
    },
  ];
}

/** |score(test) - score(reference)| of a no-reference metric. */
export function differenceOf(name: string, metric: ImageMetric): ImageMetric {
  return {
    ...metric,
    name,
    direction: 'lower',
    range: [0, metric.range[1] - metric.range[0]],
    input: 'pair',
    measure: async (test, reference) => {
      const target = requireReference(name, reference);
      if (test.shape.join() !== target.shape.join())
        throw new ParameterError('test', `the reference's shape [${target.shape}]`, test.shape);
      return Math.abs((await metric.measure(test)) - (await metric.measure(target)));
    },
  };
}

/** Remembers the score of each image as long as the image itself lives. */
function remembered(metric: ImageMetric): ImageMetric {
  const scores = new WeakMap<Tensor, number | Promise<number>>();
  return {
    ...metric,
    measure: (test) => {
      const score = scores.get(test) ?? metric.measure(test);
      scores.set(test, score);
      return score;
    },
  };
}
