import { stat } from 'node:fs/promises';

/**
 * A text that changes when a file is written again or another takes its place, even one of the same
 * size and time; undefined where there is none.
 */
export function fileState(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(' '),
    () => undefined,
  );
}
