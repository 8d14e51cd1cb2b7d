import { access, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileState } from '../files/digest.js';
import { isPattern, matchesName } from '../files/glob.js';
import { unreadableInput } from '../files/input-file.js';
import { InputError, ParameterError } from '../utils/errors.js';
import { sidecarPath } from './mosaic-file.js';
import { hasRawExtension } from './read-raw-frame.js';

/** The files of a burst in order, and notes on skipped files. */
interface BurstFiles {
  readonly files: readonly string[];
  readonly notes: readonly string[];
}

const collator = new Intl.Collator('en', { numeric: true });

/**
 * The RAW files that a burst's inputs name. A folder stands for its RAW files and its PNG and TIFF
 * files with a description beside them, and a pattern with * or ? in its last part for the files
 * that match, both with numbers in order of value (2 before 10). No file counts twice.
 * @throws InputError where an input is missing or names no RAW file; ParameterError without inputs.
 */
export async function burstFiles(inputs: readonly string[]): Promise<BurstFiles> {
  if (inputs.length === 0)
    throw new ParameterError('inputs', 'files, a folder or a pattern', inputs);
  const files = new Set<string>();
  const notes: string[] = [];
  for (const input of inputs) {
    const found = await filesOf(input);
    for (const file of found.files) files.add(file);
    notes.push(...found.notes);
  }
  return { files: [...files], notes };
}

async function filesOf(input: string): Promise<BurstFiles> {
  const facts = await stat(input).catch(() => undefined);
  if (facts?.isDirectory()) return await inFolder(input);
  if (facts !== undefined) return { files: [input], notes: [] };
  const pattern = basename(input);
  if (!isPattern(pattern)) throw new InputError(input, 'the file does not exist');
  const names = (await visible(dirname(input), input)).filter((name) => matchesName(name, pattern));
  if (names.length === 0) throw new InputError(input, 'no file matches this pattern');
  return { files: names.map((name) => join(dirname(input), name)), notes: [] };
}

async function inFolder(folder: string): Promise<BurstFiles> {
  const files: string[] = [];
  const notes: string[] = [];
  for (const name of await visible(folder, folder)) {
    if (!hasRawExtension(name)) continue;
    const file = join(folder, name);
    const described = await access(sidecarPath(file)).then(
      () => true,
      () => false,
    );
    if (described || !/^\.(png|tiff?)$/i.test(extname(name))) files.push(file);
    else notes.push(`${file}: skipped, since no ${basename(sidecarPath(file))} describes it`);
  }
  if (files.length === 0) throw new InputError(folder, 'the folder has no RAW files');
  return { files, notes };
}

/** Names of a folder's files that are not hidden, in natural order. */
async function visible(folder: string, input: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
  } catch (cause) {
    throw unreadableInput(input, cause, 'folder');
  }
}

/** What a burst is of. */
export interface BurstContent {
  /** In their order. */
  readonly frames: readonly string[];
  /** All files that are read: the frames, and descriptions beside them. */
  readonly files: readonly string[];
}

/**
 * The files that make up a burst.
 * @param inputs files, folders or patterns.
 * @throws InputError where an input is missing or names no RAW file.
 */
export async function burstContent(inputs: readonly string[]): Promise<BurstContent> {
  const { files: frames } = await burstFiles(inputs);
  const files: string[] = [];
  for (const frame of frames) {
    const sidecar = sidecarPath(frame);
    files.push(frame);
    if ((await fileState(sidecar)) !== undefined) files.push(sidecar);
  }
  return { frames, files };
}
