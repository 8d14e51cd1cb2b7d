import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Starts a thread with a module: built JavaScript as it is, TypeScript sources through tsx.
 * @param entry of the module, without its extension: `new URL('./lane-thread', import.meta.url)`.
 * @param workerData what the thread finds under that name; it crosses by structured clone.
 */
export function startThread(entry: URL, workerData?: unknown): Worker {
  if (import.meta.url.endsWith('.js')) return new Worker(new URL(`${entry}.js`), { workerData });
  // Told by an option, tsx serves the main thread only.
  const root = createRequire(import.meta.url).resolve('tsx/package.json');
  const loader = new URL('./dist/esm/api/index.mjs', pathToFileURL(root)).href;
  const program = `import(${JSON.stringify(loader)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(`${entry}.ts`)});
  });`;
  return new Worker(program, { eval: true, workerData, execArgv: [] });
}
