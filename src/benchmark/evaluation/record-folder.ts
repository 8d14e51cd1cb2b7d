import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../files/digest.js';
import { readInput } from '../../files/input-file.js';
import { takeLock } from '../../files/lock-file.js';
import { makeFolder } from '../../files/output-file.js';
import { unwritable, writeFileAtomic } from '../../files/write-atomic.js';
import { decodeImage } from '../../images/decode.js';
import { quantise } from '../../images/raster.js';
import {
  type MetricColumn,
  type MetricFacts,
  metricKey,
  type SetMetric,
} from '../../metrics/metric.js';
import type { BenchmarkRecord } from '../../reports/tables/record.js';
import type { Tensor } from '../../tensor/tensor.js';
import { InputError, OutputError } from '../../utils/errors.js';
import type { MethodOutput } from './open-method.js';
import { RecordFile } from './records.js';
import type { BenchmarkUnit } from './shards.js';

/** A folder of results that no other process writes into meanwhile. */
interface RecordFolder {
  readonly records: RecordFile;
  close(): Promise<void>;
}

/**
 * Opens a folder of results, made where it is missing.
 * @throws OutputError where it cannot be written or another process works in it, InputError where
 * its records cannot be read.
 */
export async function openRecordFolder(folder: string): Promise<RecordFolder> {
  await makeFolder(folder);
  const attempt = await takeLock(join(folder, 'evaluate.lock'));
  if ('holder' in attempt)
    throw new OutputError(folder, `process ${attempt.holder.pid} is measuring into it already`);
  try {
    const file = await RecordFile.open(join(folder, 'records.jsonl'));
    const close = async () => {
      await file.close();
      await attempt.lock.release();
    };
    return { records: file, close };
  } catch (error) {
    await attempt.lock.release();
    throw error;
  }
}

/** Whether there are scores of an image in all metrics, and the image where it is wanted. */
export async function isDone(
  { key, save }: BenchmarkUnit,
  folder: string,
  records: RecordFile,
  columns: readonly MetricColumn[],
): Promise<boolean> {
  const record = records.find(key);
  if (record === undefined) return false;
  const { values, unmeasured = {}, sketches = {}, image } = record;
  const store = new SketchStore(sketchFolder(folder));
  for (const { key: metric, ofSets } of columns) {
    if (unmeasured[metric] !== undefined) continue;
    if (ofSets !== true) {
      if (values[metric] === undefined) return false;
      continue;
    }
    const own = sketches[metric];
    if (own === undefined) return false;
    if (!(await store.has(metric, own.result)) || !(await store.has(metric, own.target)))
      return false;
  }
  if (save === undefined) return true;
  if (image !== save.name) return false;
  return stat(save.path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** Where a folder of results keeps sketches for metrics of sets. */
export function sketchFolder(folder: string): string {
  return join(folder, 'sketches');
}

/** The image that an earlier run saved of the pixels of a unit, according to the records. */
export function savedImage(
  { key }: BenchmarkUnit,
  folder: string,
  records: RecordFile,
): SavedImage | undefined {
  const record = records.find(key);
  if (record?.image === undefined || record.pixels === undefined) return undefined;
  return { path: join(folder, record.image), record };
}

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

/** An image that was saved by an earlier run, and its record. */
export interface SavedImage {
  readonly path: string;
  readonly record: BenchmarkRecord;
}

/** SHA-256 of the bytes of an image's pixels, R G B by row, in hexadecimal digits. */
export function pixelDigest(image: Tensor): string {
  return sha256Of(quantise([image], 8));
}

/**
 * What a method gave in an earlier run, so that it can be judged by further metrics; undefined where
 * the file has gone or holds other pixels.
 */
export async function readSavedImage({
  path,
  record,
}: SavedImage): Promise<MethodOutput | undefined> {
  try {
    const { tensor: image } = await decodeImage(path);
    if (pixelDigest(image) !== record.pixels) return undefined;
    const { seconds, nfe, parameters, macs, roughMacs } = record;
    return { image, seconds, nfe, parameters, macs, roughMacs };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
