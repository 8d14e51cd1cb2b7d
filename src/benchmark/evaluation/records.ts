import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { readInputText } from '../../files/input-file.js';
import { openToAppend } from '../../files/output-file.js';
import { unwritable } from '../../files/write-atomic.js';
import { InputError } from '../../utils/errors.js';
import { MAX_ARRAY_BYTES } from '../../utils/limits.js';

const valueSchema = z.union([z.number(), z.literal(['Infinity', '-Infinity']).transform(Number)]);

const recordSchema = z.object({
  /** What the figures are of: see `recordKey`. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  dataset: z.string(),
  method: z.string(),
  item: z.string(),
  seed: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
  /** By `metricKey`. */
  values: z.record(z.string(), valueSchema),
  /** Why metrics have no value here, such as too few pixels, by `metricKey`. */
  unmeasured: z.record(z.string(), z.string()).optional(),
  /** Sketches for metrics of sets, by `metricKey`: SHA-256 of the pixels that they are of. */
  sketches: z.record(z.string(), z.object({ result: z.string(), target: z.string() })).optional(),
  /** Of the restoration alone; null where the images are somebody's. */
  seconds: z.number().nullable(),
  nfe: z.number().nullable(),
  parameters: z.number().nullable(),
  /** Multiply-adds of all networks for this image. */
  macs: z.number().nullable(),
  /** True where that is a rough figure, because a module is an ONNX file. */
  roughMacs: z.boolean(),
  /** Where the image was saved, relative to the folder of the results. */
  image: z.string().optional(),
  /** SHA-256 of its pixels. */
  pixels: z.string().optional(),
});

/** The figures of one method on one image. */
export type BenchmarkRecord = z.infer<typeof recordSchema>;

/** A record as one line of JSON, without its end; JSON knows no infinity, which becomes text. */
export function recordLine(record: BenchmarkRecord): string {
  return JSON.stringify(record, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/** The record of a line; undefined where it holds none, such as one that was cut off. */
export function parseRecord(line: string): BenchmarkRecord | undefined {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Records of a folder, one on each line; a later one of a key takes the place of an earlier. */
export class RecordFile {
  readonly #path: string;
  readonly #records: Map<string, BenchmarkRecord>;
  readonly #file: FileHandle;
  #written: Promise<void>;

  private constructor(path: string, records: Map<string, BenchmarkRecord>, file: FileHandle) {
    this.#path = path;
    this.#records = records;
    this.#file = file;
    this.#written = Promise.resolve();
  }

  /**
   * Opens a file of records, or begins one. Lines that hold no record, such as one that was cut off
   * when the machine stopped, count for nothing.
   * @throws InputError where it cannot be read, OutputError where it cannot be written.
   */
  static async open(path: string): Promise<RecordFile> {
    const text = await readInputText(path, MAX_ARRAY_BYTES).catch((cause) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw new InputError(path, 'the records cannot be read', { cause });
    });
    const records = new Map<string, BenchmarkRecord>();
    for (const line of text.split('\n')) {
      const record = parseRecord(line);
      if (record !== undefined) records.set(record.key, record);
    }
    try {
      const file = await openToAppend(path);
      if (text !== '' && !text.endsWith('\n')) await file.appendFile('\n');
      return new RecordFile(path, records, file);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  find(key: string): BenchmarkRecord | undefined {
    return this.#records.get(key);
  }

  /**
   * Appends a record with the values in other metrics that are known of the same pixels; `settle`
   * tells of failures.
   */
  add(measured: BenchmarkRecord): void {
    const earlier = this.#records.get(measured.key);
    const record = earlier === undefined ? measured : joined(earlier, measured);
    this.#records.set(record.key, record);
    this.#written = this.#written.then(async () => {
      await this.#file.appendFile(`${recordLine(record)}\n`);
      await this.#file.datasync();
    });
    // Without a handler a failure would end the process before `settle` can tell of it.
    this.#written.catch(() => undefined);
  }

  /**
   * Waits until everything is on the disk.
   * @throws OutputError
   */
  async settle(): Promise<void> {
    try {
      await this.#written;
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
  }

  async close(): Promise<void> {
    await this.#written.catch(() => undefined);
    await this.#file.close();
  }
}

function joined(earlier: BenchmarkRecord, later: BenchmarkRecord): BenchmarkRecord {
  const values = { ...earlier.values, ...later.values };
  const reasons = { ...earlier.unmeasured, ...later.unmeasured };
  const measured = { ...values, ...earlier.sketches, ...later.sketches };
  const lacking = Object.entries(reasons).filter(([key]) => measured[key] === undefined);
  const sketches = { ...earlier.sketches, ...later.sketches };
  const { unmeasured: _reasons, ...record } = later;
  return {
    ...(earlier.image !== undefined && { image: earlier.image }),
    ...(earlier.pixels !== undefined && { pixels: earlier.pixels }),
    ...record,
    values,
    ...(Object.keys(sketches).length === 0 ? {} : { sketches }),
    ...(lacking.length === 0 ? {} : { unmeasured: Object.fromEntries(lacking) }),
  };
}
