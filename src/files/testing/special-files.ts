import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';

/** What may stand in the place of a file besides one; each is made at a path. */
export const specialFiles = {
  'a pipe': async (path: string) => void execFileSync('mkfifo', [path]),
  'a link to an endless device': (path: string) => symlink('/dev/zero', path),
} as const;
