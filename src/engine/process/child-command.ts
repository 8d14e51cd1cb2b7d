import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The module that an engine process runs, and Node's flags for it. */
export interface ChildCommand {
  readonly path: string;
  readonly execArgv: readonly string[];
}

/** The entry beside this file: built JavaScript as it is, TypeScript sources through tsx. */
export function childCommand(): ChildCommand {
  if (import.meta.url.endsWith('.js'))
    return { path: fileURLToPath(new URL('./child.js', import.meta.url)), execArgv: [] };
  const loader = createRequire(import.meta.url).resolve('tsx');
  return {
    path: fileURLToPath(new URL('./child.ts', import.meta.url)),
    execArgv: ['--import', pathToFileURL(loader).href],
  };
}

/**
 * The environment of an engine process. On Linux, glibc is told to ask for huge pages: graphs take
 * and return large blocks all the time, and first touching them is a sizeable part of a run.
 */
export function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1', ...environment };
}
