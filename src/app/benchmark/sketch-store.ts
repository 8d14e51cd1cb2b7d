import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { metricKey } from '../../evaluation/benchmark/metric-column.js';
import type { MetricFacts } from '../../evaluation/metrics/metric.js';
import type { SetMetric } from '../../evaluation/metrics/set-metric.js';
import { readInput } from '../../files/input-file.js';
import { unwritable, writeFileAtomic } from '../../files/write-atomic.js';
import { InputError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { pixelDigest } from './saved-picture.js';

/**
 * Sketches of images for metrics of sets, in a folder: one file for each metric and image, found by
 * the image's pixels, so that a target that many methods have is sketched once.
 */
export class SketchStore {
  readonly #folder: string;

  /** @param folder made when it is needed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes sure that the sketch of an image is there.
   * @returns what finds it.
   * @throws OutputError where it cannot be written, and what the metric throws.
   */
  async add(metric: SetMetric, image: Tensor): Promise<string> {
    const name = pixelDigest(image);
    if (await this.has(metricKey(metric), name)) return name;
    const sketch = metric.sketch(image);
    const folder = this.folderOf(metric);
    await mkdir(folder, { recursive: true }).catch((cause) => {
      throw unwritable(folder, cause);
    });
    await writeFileAtomic(this.#path(metricKey(metric), name), sketch);
    return name;
  }

  /** @param key of the metric, see `metricKey`. */
  has(key: string, name: string): Promise<boolean> {
    return stat(this.#path(key, name)).then(
      (entry) => entry.isFile(),
      () => false,
    );
  }

  /** @throws InputError where it is not there. */
  async read(metric: MetricFacts, name: string): Promise<Uint8Array> {
    const path = this.#path(metricKey(metric), name);
    return readInput(path, 2 ** 28).catch((cause) => {
      throw new InputError(path, 'the sketch cannot be read', { cause });
    });
  }

  folderOf(metric: MetricFacts): string {
    return join(this.#folder, slug(metricKey(metric)));
  }

  #path(key: string, name: string): string {
    return join(this.#folder, slug(key), `${name}.bin`);
  }
}

function slug(key: string): string {
  return key.replace(/[^\w.-]+/g, '-');
}
