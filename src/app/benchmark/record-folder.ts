import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricColumn } from '../../evaluation/benchmark/metric-column.js';
import { takeLock } from '../../files/lock-file.js';
import { makeFolder } from '../../files/output-file.js';
import { OutputError } from '../../tensor/errors.js';
import { RecordFile } from './record-file.js';
import type { SavedPicture } from './saved-picture.js';
import { SketchStore } from './sketch-store.js';
import type { BenchmarkUnit } from './strand.js';

/** A folder of results that no other process writes into meanwhile. */
export interface RecordFolder {
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

/** Whether there are figures of a picture in all metrics, and the picture where it is wanted. */
export async function isDone(
  { key, save }: BenchmarkUnit,
  folder: string,
  records: RecordFile,
  columns: readonly MetricColumn[],
): Promise<boolean> {
  const record = records.find(key);
  if (record === undefined) return false;
  const { values, unmeasured = {}, sketches = {}, picture } = record;
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
  if (picture !== save.name) return false;
  return stat(save.path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** Where a folder of results keeps sketches for metrics of sets. */
export function sketchFolder(folder: string): string {
  return join(folder, 'sketches');
}

/** What an earlier run saved of the pixels of a unit, as far as records tell. */
export function savedPicture(
  { key }: BenchmarkUnit,
  folder: string,
  records: RecordFile,
): SavedPicture | undefined {
  const record = records.find(key);
  if (record?.picture === undefined || record.pixels === undefined) return undefined;
  return { path: join(folder, record.picture), record };
}
