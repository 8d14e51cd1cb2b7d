import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import type { NaturalScenes } from './niqe.js';
import { checkBorder, finiteScore, pairSize, withoutBorder } from './planes.js';

/** The channels that a metric reads: R, G and B, or a luma, MATLAB's unless the metric says which. */
export type ColourSpace = 'rgb' | 'luma';

/**
 * What a metric judges: one image alone (no-reference), an image against its reference
 * (full-reference), or a set of images against the set of their references.
 */
export type MetricInput = 'image' | 'pair' | 'set';

/** What a metric is computed on. */
export interface MetricSettings {
  readonly colourSpace?: ColourSpace;
  /** Pixels ignored along every edge. */
  readonly border?: number;
}

/** Everything that scores depend on besides the images. */
export interface MetricFacts {
  readonly name: string;
  /** Which way is better. */
  readonly direction: 'higher' | 'lower';
  /** Least and greatest value. */
  readonly range: readonly [number, number];
  /** `dB` or `1/255`, a grey level of 8 bits; empty for a pure number. */
  readonly unit: string;
  readonly colourSpace: ColourSpace;
  /** Pixels ignored along every edge. */
  readonly border: number;
  /** Changes whenever the same images would get another score. */
  readonly version: string;
}

/**
 * A quality metric. Each is declared in the file that computes it and listed in `registry.ts`;
 * full-reference metrics in plain code are made by `pairMetric`.
 */
export interface Metric {
  readonly name: string;
  /** One line on what it measures. */
  readonly title: string;
  readonly input: MetricInput;
  /** Distance from the reference, or how images look to people: the two that trade off (Blau and Michaeli 2018). */
  readonly judges: 'distortion' | 'perception';
  /** Colour spaces to choose from; the first is the default. */
  readonly colourSpaces: readonly ColourSpace[];
  /** Whether it is measured unless metrics are named. */
  readonly isDefault: boolean;
  /** The published weights it needs. */
  readonly weights?: NetworkWeights;
  /**
   * Opens the metric for images of some settings.
   * @throws ParameterError for settings; ModelError where its weights are missing or damaged.
   */
  open(settings: MetricSettings, resources: MetricResources): OpenMetric | Promise<OpenMetric>;
}

/** A metric that is ready to judge. */
export type OpenMetric = ImageMetric | SetMetric;

/** A metric of single images, with or without reference. */
export interface ImageMetric extends MetricFacts {
  readonly input: 'image' | 'pair';
  /**
   * @param test the image to judge, [3, H, W] R G B in [0, 1].
   * @param reference its reference, of the same shape; ignored where `input` is `image`.
   * @throws ParameterError for another shape, too few pixels or values that are not finite; what
   * the engine throws.
   */
  measure(test: Tensor, reference?: Tensor): number | Promise<number>;
}

/** An image metric in plain code, which needs no engine. */
export interface PixelScore extends ImageMetric {
  measure(test: Tensor, reference?: Tensor): number;
}

/**
 * A metric of a set of images against the set of their references, such as a distance between
 * distributions. It keeps of each image only statistics, from which any resample of the set can be
 * judged without the image.
 */
export interface SetMetric extends MetricFacts {
  readonly input: 'set';
  /**
   * Statistics of an image; equal images have equal statistics.
   * @param image [3, H, W] R G B in [0, 1].
   * @throws ParameterError for another shape, too few pixels or values that are not finite.
   */
  sketch(image: Tensor): Uint8Array;
  /**
   * Prepares the scores of a set and its resamples.
   * @param results sketches of the results.
   * @param references sketches of their references, in the same order.
   * @returns the score of the images at some indices, each of which may occur several times.
   * @throws ParameterError for empty sets, or sketches that this metric did not make.
   */
  prepare(
    results: readonly Uint8Array[],
    references: readonly Uint8Array[],
  ): (picks: readonly number[]) => number;
}

/** What metrics load besides code. */
export interface MetricResources {
  /** What NIQE compares with. */
  naturalScenes(): Promise<NaturalScenes>;
  /**
   * The scores of a network.
   * @throws ModelError where its weights are not on this machine or damaged.
   */
  network(weights: NetworkWeights): Promise<NetworkScore>;
  /** What several metrics share, by a key: made when it is first needed. */
  shared<Value>(key: string, make: () => Promise<Value>): Promise<Value>;
}

/** A network that judges images. */
export interface NetworkScore {
  readonly score: (image: Tensor, reference?: Tensor) => Promise<number>;
  readonly direction: 'higher' | 'lower';
  /** Names the weights: those of the catalogue, or a file and its hash. */
  readonly source: string;
}

/** The published files of a network that judges images. */
export interface NetworkWeights {
  /** The name of the network. */
  readonly network: string;
  /** Names in the catalogue; all are needed. */
  readonly files: readonly string[];
}

/** A full-reference metric in plain code: it opens at once, without resources. */
export interface PairMetric<Settings extends MetricSettings = MetricSettings>
  extends Omit<Metric, 'open'> {
  /** @throws ParameterError for settings. */
  open(settings?: Settings): PixelScore;
}

/** What `pairMetric` makes a metric of. */
export interface PairMetricSpec<Settings extends MetricSettings>
  extends Omit<Metric, 'input' | 'open' | 'weights'>,
    Pick<MetricFacts, 'direction' | 'range' | 'unit'> {
  readonly version: string | ((settings: Settings) => string);
  /** Pixels ignored along every edge unless a border is given; default 0. */
  readonly defaultBorder?: number;
  /** Least height and width inside the border. */
  readonly minimumSide?: number;
  /** Hands `compute` whole images: it applies the border itself. */
  readonly needsBorder?: boolean;
  /** @param test of the same shape as `reference`, both without the border. */
  readonly compute: (
    reference: Tensor,
    test: Tensor,
    settings: Settings & Required<MetricSettings>,
  ) => number;
}

/**
 * Declares a full-reference metric. Settings, shapes and finite scores are checked here.
 * @example
 * const error = pairMetric({
 *   ...{ name: 'mse', title: 'mean squared error', judges: 'distortion', isDefault: false },
 *   ...{ colourSpaces: ['rgb'], direction: 'lower', range: [0, 1], unit: '', version: '1' },
 *   compute: (reference, test) => meanSquaredError(reference.data, test.data),
 * });
 * error.open({ border: 4 }).measure(restored, target);
 */
export function pairMetric<Settings extends MetricSettings = MetricSettings>({
  direction,
  range,
  unit,
  version,
  defaultBorder = 0,
  minimumSide = 1,
  needsBorder = false,
  compute,
  ...declared
}: PairMetricSpec<Settings>): PairMetric<Settings> {
  const { name, colourSpaces } = declared;
  return {
    ...declared,
    input: 'pair',
    open: (given = {} as Settings) => {
      const { colourSpace = colourSpaces[0]!, border = defaultBorder } = given;
      checkBorder(border);
      if (!colourSpaces.includes(colourSpace))
        throw new ParameterError('colourSpace', colourSpaces.join(' or '), colourSpace);
      const settings = { ...given, colourSpace, border };
      return {
        ...{ name, input: 'pair', direction, range, unit, colourSpace, border },
        version: typeof version === 'string' ? version : version(settings),
        measure: (test, reference) => {
          const target = requireReference(name, reference);
          const { height, width } = pairSize(target, test, border);
          if (Math.min(height, width) < minimumSide)
            throw new ParameterError(
              'reference',
              `at least ${minimumSide} x ${minimumSide} pixels inside the border`,
              target.shape,
            );
          const [a, b] = needsBorder
            ? [target, test]
            : [withoutBorder('reference', target, border), withoutBorder('test', test, border)];
          return finiteScore(compute(a, b, settings));
        },
      };
    },
  };
}

/** @throws ParameterError where there is no reference. */
export function requireReference(name: string, reference: Tensor | undefined): Tensor {
  if (reference !== undefined) return reference;
  throw new ParameterError('reference', `an image for ${name} to compare`, reference);
}

/** A metric as results name it. */
export interface MetricColumn extends MetricFacts {
  /** Names its values in records. */
  readonly key: string;
  /** For people, such as `psnr Y, border 4`. */
  readonly label: string;
  /** True for scores of sets of images: records have none. */
  readonly ofSets?: boolean;
}

/** A text that is the same exactly where the same images get the same score. */
export function metricKey({ name, colourSpace, border, version }: MetricFacts): string {
  return `${name} ${colourSpace} ${border} v${version}`;
}

/** The facts of a metric alone, as they cross to another process or into a file. */
export function metricFacts(metric: MetricFacts): MetricFacts {
  const { name, direction, range, unit, colourSpace, border, version } = metric;
  return { name, direction, range, unit, colourSpace, border, version };
}

/** The column of a metric; its label names a luma and a border. */
export function metricColumn(metric: MetricFacts): MetricColumn {
  const { name, colourSpace, border } = metric;
  const space = colourSpace === 'luma' ? ' Y' : '';
  const edge = border === 0 ? '' : `, border ${border}`;
  return { ...metricFacts(metric), key: metricKey(metric), label: `${name}${space}${edge}` };
}
