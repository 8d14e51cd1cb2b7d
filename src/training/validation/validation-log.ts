import { join } from 'node:path';
import { MOST_BYTES, readInputText } from '../../files/input-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { LOG_FILE } from '../run/log.js';
import type { ValidationEntry } from './validation.js';

/**
 * Takes the validations of a step out of a run's log, so that one which is done again stands there
 * once.
 * @throws OutputError where the log cannot be written.
 */
export async function dropValidation(folder: string, step: number): Promise<void> {
  const path = join(folder, LOG_FILE);
  const text = await readInputText(path, MOST_BYTES).catch(() => '');
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
