import { roundToBytes } from '../../degradation/degradation.js';
import type { JobContext } from '../../engine/job.js';
import { decodeImage } from '../../images/decode.js';
import { type ImageMetric, metricFacts } from '../../metrics/metric.js';
import { parseMetricRequest } from '../../metrics/request.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { DpirError } from '../../utils/errors.js';
import { type MetricFiles, metricResources } from '../metrics/open-metrics.js';
import type { ImageItem, ImageScores, LabelledMetric, MeasureProblem } from './measure-images.js';

/** What crosses to an engine process: a share of the images. */
export interface MeasureRequest {
  readonly items: readonly ImageItem[];
  /** Metrics as `parseMetricRequest` reads them. */
  readonly labels: readonly string[];
  readonly files: MetricFiles;
  /** CPU threads of networks. */
  readonly threads: number;
  /** Compares values as a file of 8 bits holds them. */
  readonly round: boolean;
}

/** Measures images one after the other, reporting each as ImageScores. */
export async function measureShare(
  context: JobContext<ImageScores>,
  { items, labels, files, threads, round }: MeasureRequest,
): Promise<LabelledMetric[]> {
  const resources = metricResources(files, () => context.runner({ threads }));
  const metrics = new Map<string, ImageMetric>();
  for (const label of labels) {
    const { metric, settings } = parseMetricRequest(label);
    const opened = await metric.open(settings, resources);
    if (opened.input !== 'set') metrics.set(label, opened);
  }
  for (const item of items) {
    await context.checkpoint();
    context.progress(await measured(item, metrics, round));
  }
  return [...metrics].map(([label, metric]) => ({ label, ...metricFacts(metric) }));
}

async function measured(
  item: ImageItem,
  metrics: ReadonlyMap<string, ImageMetric>,
  round: boolean,
): Promise<ImageScores> {
  const scores: Record<string, number> = {};
  const problems: MeasureProblem[] = [];
  const read = async (path: string): Promise<Tensor> => {
    const image = (await decodeImage(path)).tensor;
    return round ? tensor(image.shape, roundToBytes(image.data)) : image;
  };
  try {
    const test = await read(item.test);
    const reference = item.reference === undefined ? undefined : await read(item.reference);
    for (const [label, metric] of metrics)
      try {
        scores[label] = await metric.measure(test, reference);
      } catch (error) {
        problems.push({ metric: label, message: ofImage(error).message });
      }
  } catch (error) {
    problems.push({ message: ofImage(error).message });
  }
  return { ...item, scores, problems };
}

/** What is wrong with one image does not stop the others; all else is thrown on. */
function ofImage(error: unknown): DpirError {
  if (error instanceof DpirError && ['usage', 'input', 'limit'].includes(error.kind)) return error;
  throw error;
}
