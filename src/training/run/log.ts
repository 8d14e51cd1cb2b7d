import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { readInputText } from '../../files/input-file.js';
import { openToAppend } from '../../files/output-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { OutputError } from '../../utils/errors.js';
import { MAX_ARRAY_BYTES } from '../../utils/limits.js';
import type { ValidationEntry } from '../validation/validation.js';

export const LOG_FILE = 'log.jsonl';

/** One line of a run's log. */
export interface TrainingProgress {
  readonly step: number;
  readonly steps: number;
  /** Mean over the steps since the line before. */
  readonly loss: number;
  readonly learningRate: number;
  readonly samplesPerSecond: number;
  /** Share of the time that graphs waited for batches, of all that run at the same time. */
  readonly batchShare: number;
  /** Seconds of training, those before a resumption included. */
  readonly seconds: number;
}

/**
 * Adds one line to a run's log.
 * @throws OutputError where it cannot be written.
 */
export async function appendLog<Entry extends { readonly step: number }>(
  folder: string,
  entry: Entry,
): Promise<void> {
  try {
    const file = await openToAppend(join(folder, LOG_FILE));
    await file.appendFile(`${JSON.stringify(entry)}\n`).finally(() => file.close());
  } catch (cause) {
    throw new OutputError(join(folder, LOG_FILE), 'cannot be written', { cause });
  }
}

/**
 * Takes away the log's lines that come after `step`, as a run stopped between saves leaves them,
 * and a last line that was cut off.
 */
export async function trimLog(folder: string, step: number): Promise<void> {
  const path = join(folder, LOG_FILE);
  let text: string;
  try {
    text = await readInputText(path, MAX_ARRAY_BYTES);
  } catch {
    return;
  }
  let kept = 0;
  for (;;) {
    const end = text.indexOf('\n', kept) + 1;
    if (end === 0 || !isUpTo(text.slice(kept, end), step)) break;
    kept = end;
  }
  try {
    await truncate(path, Buffer.byteLength(text.slice(0, kept)));
  } catch (cause) {
    throw new OutputError(path, 'cannot be written', { cause });
  }
}

function isUpTo(line: string, step: number): boolean {
  try {
    return (JSON.parse(line) as TrainingProgress).step <= step;
  } catch {
    return false;
  }
}

/**
 * Takes the validations of a step out of a run's log, so that one which is done again stands there
 * once.
 * @throws OutputError where the log cannot be written.
 */
export async function dropValidation(folder: string, step: number): Promise<void> {
  const path = join(folder, LOG_FILE);
  const text = await readInputText(path, MAX_ARRAY_BYTES).catch(() => '');
  const lines = text.split('\n');
  const kept = lines.filter((line) => !isValidationOf(line, step));
  if (kept.length === lines.length) return;
  await writeFileAtomic(path, new TextEncoder().encode(kept.join('\n')));
}

function isValidationOf(line: string, step: number): boolean {
  if (!line.includes('"validation"')) return false;
  const entry = JSON.parse(line) as Partial<ValidationEntry>;
  return entry.step === step && entry.validation !== undefined;
}
