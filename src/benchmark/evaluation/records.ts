import type { FileHandle } from 'node:fs/promises';
import { readInputText } from '../../files/input-file.js';
import { openToAppend } from '../../files/output-file.js';
import { unwritable } from '../../files/write-atomic.js';
import { type BenchmarkRecord, parseRecord, recordLine } from '../../reports/tables/record.js';
import { InputError } from '../../utils/errors.js';
import { MAX_ARRAY_BYTES } from '../../utils/limits.js';

/** Records of a folder, one on each line; a later one of a key replaces an earlier one. */
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
   * when the machine stopped, are ignored.
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
   * Appends a record, joined with the values of other metrics for the same pixels; `settle`
   * reports failures.
   */
  add(measured: BenchmarkRecord): void {
    const earlier = this.#records.get(measured.key);
    const record = earlier === undefined ? measured : joined(earlier, measured);
    this.#records.set(record.key, record);
    this.#written = this.#written.then(async () => {
      await this.#file.appendFile(`${recordLine(record)}\n`);
      await this.#file.datasync();
    });
    // Without a handler a failure would end the process before `settle` can report it.
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
