import type { Tensor } from '../../tensor/tensor.js';
import type { BlindMetric, ColourSpace, Metric, MetricSettings, PictureMetric } from './metric.js';
import { requireReference } from './perceptual-metric.js';
import type { MetricResources, NetworkWeights } from './resources.js';

/** A metric that can be asked for by name. */
export interface MetricDefinition {
  readonly name: string;
  /** One line on what it measures. */
  readonly title: string;
  /** 2 where a picture is compared with its reference, 1 where it is judged alone. */
  readonly pictures: 1 | 2;
  /** Distance from the target, or how pictures look to people: the two that trade off (Blau and Michaeli 2018). */
  readonly judges: 'distortion' | 'perception';
  /** Which of them may be asked for; the first is what it is computed on otherwise. */
  readonly colourSpaces: readonly ColourSpace[];
  /** Measured where nobody says which metrics are wanted. */
  readonly usual: boolean;
  /** What it needs besides code. */
  readonly weights?: NetworkWeights;
  /** @throws ModelError where its weights are missing or damaged, ParameterError for settings. */
  open(settings: MetricSettings, resources: MetricResources): Promise<PictureMetric>;
}

/** A full-reference metric as one of any kind. */
export function ofPair(metric: Metric): PictureMetric {
  const { compute, ...facts } = metric;
  return {
    ...facts,
    pictures: 2,
    measure: async (test, reference) => compute(requireReference(facts.name, reference), test),
  };
}

/** A metric without reference as one of any kind. */
export function ofPicture(metric: BlindMetric): PictureMetric {
  const { compute, ...facts } = metric;
  return { ...facts, pictures: 1, measure: async (test: Tensor) => compute(test) };
}
