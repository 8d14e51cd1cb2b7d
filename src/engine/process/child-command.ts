import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The module that an engine process runs, and Node's flags for it. */
export interface ChildCommand {
  readonly path: string;
  readonly execArgv: readonly string[];
}

const flags = ['--expose-gc'];

/** The entry beside this file: built JavaScript as it is, TypeScript sources through tsx. */
export function childCommand(): ChildCommand {
  if (import.meta.url.endsWith('.js'))
    return { path: fileURLToPath(new URL('./child.js', import.meta.url)), execArgv: [...flags] };
  const loader = createRequire(import.meta.url).resolve('tsx');
  return {
    path: fileURLToPath(new URL('./child.ts', import.meta.url)),
    execArgv: [...flags, '--import', pathToFileURL(loader).href],
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
