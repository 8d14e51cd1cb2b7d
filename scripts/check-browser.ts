import path from 'node:path';
import vm from 'node:vm';
import { build } from 'esbuild';

/**
 * Proves that the core runs in a browser: bundles src/core.ts for one, where any Node built-in is
 * an error, and evaluates the bundle in a context that has none of Node's globals.
 */
async function checkBrowser(): Promise<void> {
  const result = await build({
    absWorkingDir: path.join(import.meta.dirname, '..'),
    entryPoints: ['src/core.ts'],
    bundle: true,
    platform: 'browser',
    target: 'es2023',
    format: 'iife',
    globalName: 'core',
    write: false,
    metafile: true,
    minify: true,
    logLevel: 'error',
  });
  const replaced = Object.keys(result.metafile.inputs).filter((name) =>
    name.startsWith('(disabled):'),
  );
  if (replaced.length > 0)
    throw new Error(`modules without a browser form: ${replaced.join(', ')}`);

  const code = result.outputFiles[0]!.text;
  const exported: unknown = vm.runInNewContext(
    `${code};[...Object.keys(core)]`,
    { TextEncoder, TextDecoder },
    { timeout: 20_000 },
  );
  if (!Array.isArray(exported) || exported.length === 0)
    throw new Error('src/core.ts exports nothing');
  console.log(
    `${exported.length} exports, ${Math.round(code.length / 1024)} KiB, no Node built-ins`,
  );
}

await checkBrowser();
