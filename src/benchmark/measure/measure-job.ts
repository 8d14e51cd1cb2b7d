import { roundToBytes } from '../../degradation/degradation.js';
import type { JobContext } from '../../engine/job.js';
import { decodeImage } from '../../images/decode.js';
import type { PictureMetric } from '../../metrics/metric.js';
import { DpirError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { type MetricFiles, metricResources } from '../metrics/open-metrics.js';
import { parseMetricRequest } from '../metrics/request.js';
import type {
  MeasuredMetric,
  MeasuredPicture,
  MeasureProblem,
  PictureItem,
} from './measure-images.js';

/** What crosses to an engine process: a share of the pictures. */
export interface MeasureRequest {
  readonly items: readonly PictureItem[];
  /** Metrics as `parseMetricRequest` reads them. */
  readonly labels: readonly string[];
  readonly files: MetricFiles;
  /** CPU threads of networks. */
  readonly threads: number;
  /** Compares values as a file of 8 bits holds them. */
  readonly round: boolean;
}

/** Measures pictures one after the other, reporting each as a MeasuredPicture. */
export async function measureJob(
  context: JobContext,
  { items, labels, files, threads, round }: MeasureRequest,
): Promise<MeasuredMetric[]> {
  const resources = metricResources(files, () => context.runner({ threads }));
  const metrics = new Map<string, PictureMetric>();
  for (const label of labels) {
    const { definition, settings } = parseMetricRequest(label);
    metrics.set(label, await definition.open(settings, resources));
  }
  for (const item of items) {
    await context.checkpoint();
    context.progress(await measured(item, metrics, round));
  }
  return [...metrics].map(([label, { measure: _, pictures: __, ...facts }]) => ({
    label,
    ...facts,
  }));
}

async function measured(
  item: PictureItem,
  metrics: ReadonlyMap<string, PictureMetric>,
  round: boolean,
): Promise<MeasuredPicture> {
  const scores: Record<string, number> = {};
  const problems: MeasureProblem[] = [];
  const read = async (path: string): Promise<Tensor> => {
    const picture = (await decodeImage(path)).tensor;
    return round ? tensor(picture.shape, roundToBytes(picture.data)) : picture;
  };
  try {
    const test = await read(item.test);
    const reference = item.reference === undefined ? undefined : await read(item.reference);
    for (const [label, metric] of metrics)
      try {
        scores[label] = await metric.measure(test, reference);
      } catch (error) {
        problems.push({ metric: label, message: ofPicture(error).message });
      }
  } catch (error) {
    problems.push({ message: ofPicture(error).message });
  }
  return { ...item, scores, problems };
}

/** What is wrong with one picture does not stop the others; all else is thrown on. */
function ofPicture(error: unknown): DpirError {
  if (error instanceof DpirError && ['usage', 'input', 'limit'].includes(error.kind)) return error;
  throw error;
}
