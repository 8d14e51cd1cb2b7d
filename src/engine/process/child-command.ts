import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The module that an engine process runs, with what program, and Node's flags for it. */
export interface ChildCommand {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly path: string;
}

const flags = ['--expose-gc'];

/**
 * The entry beside this file: built JavaScript as it is, TypeScript sources through tsx.
 * @param memory bytes that the process may take at most; the system refuses it more, where it can:
 *   on Linux all that is neither shared nor read only counts, whether it was touched or not.
 */
export function childCommand(memory?: number): ChildCommand {
  const isBuilt = import.meta.url.endsWith('.js');
  const loader = (): string[] => [
    '--import',
    pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
  ];
  const path = fileURLToPath(new URL(isBuilt ? './child.js' : './child.ts', import.meta.url));
  const execArgv = isBuilt ? flags : [...flags, ...loader()];
  if (memory === undefined || process.platform === 'win32')
    return { execPath: process.execPath, execArgv, path };
  const limited = 'ulimit -d "$0" 2> /dev/null; exec "$@"';
  const kibibytes = String(Math.ceil(memory / 1024));
  return {
    execPath: '/bin/sh',
    execArgv: ['-c', limited, kibibytes, process.execPath, ...execArgv],
    path,
  };
}

/**
 * What glibc's allocator is told on Linux. Graphs take and return large blocks all the time, and
 * first touching them is a sizeable part of a run: huge pages make that cheaper, blocks kept in one
 * heap shared by all threads make it rare.
 */
const hugePages = 'glibc.malloc.hugetlb=1';
const keptBlocks = [
  'glibc.malloc.mmap_threshold=33554432',
  'glibc.malloc.trim_threshold=4294967296',
  'glibc.malloc.arena_max=1',
];

/**
 * The environment of an engine process.
 * @param keepFreed keeps freed memory for later instead of giving it back to the system.
 */
export function childEnvironment(
  environment: NodeJS.ProcessEnv,
  keepFreed = false,
): NodeJS.ProcessEnv {
  const tunables = keepFreed ? [hugePages, ...keptBlocks] : [hugePages];
  return { GLIBC_TUNABLES: tunables.join(':'), ...environment };
}
