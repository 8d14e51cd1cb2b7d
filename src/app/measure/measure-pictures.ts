import { availableParallelism } from 'node:os';
import { createEngine } from '../../engine/engine.js';
import type { MetricRequest } from '../../evaluation/metrics/request.js';
import { ParameterError } from '../../tensor/errors.js';
import type { MeasureRequest } from './measure-job.js';
import type { MeasuredMetric, MeasuredPicture } from './measured-picture.js';
import type { MetricFiles } from './metric-files.js';
import type { PictureItem } from './picture-pairs.js';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const jobs = new URL(`./measure-job.${extension}`, import.meta.url);
/** Each process holds some pictures; more gain nothing on common machines. */
const mostJobs = 16;

/** How pictures are measured and followed. */
export interface MeasureOptions {
  readonly files: MetricFiles;
  /**
   * Pictures measured at the same time, each in a process; default: as many as the machine has
   * cores, or one where networks judge, which have threads of their own.
   */
  readonly jobs?: number | undefined;
  /** Compares values as a file of 8 bits holds them; default true. */
  readonly round?: boolean;
  readonly signal?: AbortSignal;
  /** Receives each picture's figures when it has them, in no certain order. */
  readonly onPicture?: (picture: MeasuredPicture) => void;
}

/** Figures of pictures, in the order in which they were given. */
export interface Measurement {
  readonly metrics: readonly MeasuredMetric[];
  readonly pictures: readonly MeasuredPicture[];
}

/**
 * Measures pictures in engine processes. The figures do not depend on how many there are. A picture
 * that cannot be read or measured has problems in place of figures.
 * @throws ModelError where weights are missing or damaged, ParameterError for `jobs`, EngineError,
 * CancelledError.
 * @example
 * const { items } = await findItems('restored', 'targets');
 * const { pictures } = await measurePictures(items, [parseMetricRequest('psnr:y:4')], { files });
 */
export async function measurePictures(
  items: readonly PictureItem[],
  requests: readonly MetricRequest[],
  options: MeasureOptions,
): Promise<Measurement> {
  const { files, round = true, signal, onPicture = () => undefined } = options;
  const cores = availableParallelism();
  const hasNetworks = requests.some(({ definition }) => definition.weights !== undefined);
  const wanted = options.jobs ?? (hasNetworks ? 1 : cores);
  if (!Number.isInteger(wanted) || wanted < 1)
    throw new ParameterError('jobs', 'a positive integer', wanted);
  const count = Math.max(1, Math.min(wanted, mostJobs, items.length));
  const threads = Math.max(1, Math.floor(cores / count));
  const labels = requests.map(({ label }) => label);
  const places = new Map(items.map((item, index) => [item.test, index]));
  const pictures: MeasuredPicture[] = [];
  const engine = createEngine({ processes: count });
  try {
    const shares = Array.from({ length: count }, (_, share) =>
      engine.run<MeasuredMetric[]>(
        jobs,
        'measureJob',
        {
          items: items.filter((_, index) => index % count === share),
          ...{ labels, files, threads, round },
        } satisfies MeasureRequest,
        {
          ...(signal === undefined ? {} : { signal }),
          onProgress: (message) => {
            const picture = message as MeasuredPicture;
            pictures[places.get(picture.test)!] = picture;
            onPicture(picture);
          },
        },
      ),
    );
    const [metrics] = await Promise.all(shares);
    return { metrics: metrics!, pictures };
  } finally {
    await engine.close();
  }
}
