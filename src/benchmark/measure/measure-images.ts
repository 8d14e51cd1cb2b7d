import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import type { StrayFile } from '../../datasets/dataset.js';
import { pairFiles } from '../../datasets/image-pairs.js';
import { listImages, stem } from '../../datasets/list-folder.js';
import { createEngine } from '../../engine/engine.js';
import { defineJob } from '../../engine/job.js';
import type { MetricFacts } from '../../metrics/metric.js';
import type { MetricRequest } from '../../metrics/request.js';
import { mean } from '../../metrics/statistics.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import type { MetricFiles } from '../metrics/open-metrics.js';

const measureJob = defineJob<typeof import('./measure-job.js').measureShare>(
  new URL('./measure-job.js', import.meta.url),
  'measureShare',
);
/** Each process holds some images; more gain nothing on common machines. */
const mostJobs = 16;

/** Options of measuring, with progress and cancellation. */
export interface MeasureOptions {
  readonly files: MetricFiles;
  /**
   * Images measured at the same time, each in a process; default: as many as the machine has
   * cores, or one where networks judge, which have threads of their own.
   */
  readonly jobs?: number | undefined;
  /** Compares values as a file of 8 bits holds them; default true. */
  readonly round?: boolean;
  readonly signal?: AbortSignal;
  /** Receives each image's scores when it has them, in no certain order. */
  readonly onImage?: (image: ImageScores) => void;
}

/** Scores of images, in the order in which they were given. */
export interface MeasureResult {
  readonly metrics: readonly LabelledMetric[];
  readonly images: readonly ImageScores[];
}

/**
 * Measures images in engine processes. The scores do not depend on how many there are. An image
 * that cannot be read or measured has problems in place of scores.
 * @throws ModelError where weights are missing or damaged, ParameterError for `jobs`, EngineError,
 * CancelledError.
 * @example
 * const { items } = await findItems('restored', 'targets');
 * const { images } = await measureImages(items, [parseMetricRequest('psnr:y:4')], { files });
 */
export async function measureImages(
  items: readonly ImageItem[],
  requests: readonly MetricRequest[],
  options: MeasureOptions,
): Promise<MeasureResult> {
  const { files, round = true, signal, onImage = () => undefined } = options;
  const cores = availableParallelism();
  const hasNetworks = requests.some(({ metric }) => metric.weights !== undefined);
  const wanted = options.jobs ?? (hasNetworks ? 1 : cores);
  if (!Number.isInteger(wanted) || wanted < 1)
    throw new ParameterError('jobs', 'a positive integer', wanted);
  const count = Math.max(1, Math.min(wanted, mostJobs, items.length));
  const threads = Math.max(1, Math.floor(cores / count));
  const labels = requests.map(({ label }) => label);
  const places = new Map(items.map((item, index) => [item.test, index]));
  const images: ImageScores[] = [];
  const engine = createEngine({ processes: count });
  try {
    const shares = Array.from({ length: count }, (_, share) =>
      engine.run(
        measureJob,
        {
          items: items.filter((_, index) => index % count === share),
          ...{ labels, files, threads, round },
        },
        {
          signal,
          onProgress: (image) => {
            images[places.get(image.test)!] = image;
            onImage(image);
          },
        },
      ),
    );
    const [metrics] = await Promise.all(shares);
    return { metrics: metrics!, images };
  } finally {
    await engine.close();
  }
}

/** Scores of one image. */
export interface ImageScores extends ImageItem {
  /** By the metric's label; without metrics that could not be computed. */
  readonly scores: Readonly<Record<string, number>>;
  /** Why scores are missing. */
  readonly problems: readonly MeasureProblem[];
}

/** Why a metric, or the whole image where none is named, could not be measured. */
export interface MeasureProblem {
  readonly metric?: string;
  readonly message: string;
}

/** A metric with all that its scores depend on, under the label of its column. */
export interface LabelledMetric extends MetricFacts {
  readonly label: string;
}

/** Means over the images that have a score, by label; labels without any are absent. */
export function meanScores(
  labels: readonly string[],
  images: readonly ImageScores[],
): Readonly<Record<string, number>> {
  const means: Record<string, number> = {};
  for (const label of labels) {
    const scores = images.flatMap(({ scores }) => scores[label] ?? []);
    if (scores.length > 0) means[label] = mean(scores);
  }
  return means;
}

/** An image to judge, with its target where there is one. */
export interface ImageItem {
  readonly name: string;
  readonly test: string;
  readonly reference?: string;
}

/** What is to be measured, and files that have no partner or the name of another. */
export interface ImageItems {
  readonly items: readonly ImageItem[];
  readonly strays: readonly StrayFile[];
}

/**
 * The images of a file or folder, paired by name with those of the reference: equal names first,
 * then names that are equal without a suffix such as `x4`.
 * @throws InputError where a path does not exist, ParameterError for a file beside a folder.
 */
export async function findItems(test: string, reference?: string): Promise<ImageItems> {
  const isFolder = await leadsToFolder(test);
  if (reference === undefined) {
    if (!isFolder) return { items: [{ name: stem(basename(test)), test }], strays: [] };
    const files = await listImages(test);
    return { items: files.map((file) => ({ name: file, test: join(test, file) })), strays: [] };
  }
  if ((await leadsToFolder(reference)) !== isFolder)
    throw new ParameterError(
      '--reference',
      `a ${isFolder ? 'folder' : 'file'} like --test`,
      reference,
    );
  if (!isFolder) return { items: [{ name: stem(basename(test)), test, reference }], strays: [] };
  const { items, strays } = pairFiles(
    { folder: test, files: await listImages(test) },
    { folder: reference, files: await listImages(reference) },
  );
  return {
    items: items.map(({ name, inputs, target }) => ({
      name,
      test: inputs[0]!,
      reference: target!,
    })),
    strays,
  };
}

async function leadsToFolder(path: string): Promise<boolean> {
  const entry = await stat(path).catch((cause) => {
    throw new InputError(path, 'there is no such file or folder', { cause });
  });
  return entry.isDirectory();
}
