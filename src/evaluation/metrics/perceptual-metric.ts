import type { GraphRunner } from '../../graph/graph-runner.js';
import { ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { PerceptualModule } from '../../weights/module-file.js';
import type { MetricFacts, PictureMetric } from './metric.js';
import { createPerceptualMetric } from './perceptual.js';
import { checkBorder, withoutBorder } from './planes.js';
import { remembered, type Score } from './shared-scores.js';

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
