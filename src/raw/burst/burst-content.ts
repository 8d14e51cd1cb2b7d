import { fileState } from '../../files/file-state.js';
import { sidecarPath } from '../mosaic-file/sidecar.js';
import { burstFiles } from './burst-files.js';

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
