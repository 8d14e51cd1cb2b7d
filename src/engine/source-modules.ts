import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Whether this package runs from its TypeScript sources, through tsx, rather than built. */
export const runsFromSources = import.meta.url.endsWith('.ts');

/** The file of a module of this package: `./x.js` is `./x.ts` where it runs from sources. */
export function moduleFile(url: URL): URL {
  return runsFromSources ? new URL(url.href.replace(/\.js$/, '.ts')) : url;
}

/** URL of a file of tsx, which sources need; it is no dependency of the built package. */
export function loaderFile(specifier: 'tsx' | 'tsx/package.json'): URL {
  return pathToFileURL(createRequire(import.meta.url).resolve(specifier));
}

/**
 * Starts a worker thread.
 * @param entry its module: `new URL('./decoder-thread.js', import.meta.url)`.
 * @param workerData what the thread finds under that name; it crosses by structured clone.
 */
export function startThread(entry: URL, workerData?: unknown): Worker {
  const file = moduleFile(entry);
  if (!runsFromSources) return new Worker(file, { workerData });
  // As an option of Node, `--import tsx` serves the main thread alone.
  const loader = new URL('./dist/esm/api/index.mjs', loaderFile('tsx/package.json'));
  const program = `import(${JSON.stringify(loader)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(file)});
  });`;
  return new Worker(program, { eval: true, workerData, execArgv: [] });
}
