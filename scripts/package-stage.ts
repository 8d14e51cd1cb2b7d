import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execute, repository } from './step.js';

/** The package as it would be published, built away from the working tree. */
export interface Stage {
  readonly folder: string;
  /** What the compiler said where it failed. */
  readonly buildErrors: string | undefined;
  remove(): Promise<void>;
}

/** Builds the package into a temporary folder, so that a `dist/` in use is left alone. */
export async function stagePackage(): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dp-ir-stage-'));
  for (const name of ['package.json', 'README.md', 'LICENSE', 'NOTICE', 'demo', 'models'])
    await cp(path.join(repository, name), path.join(folder, name), { recursive: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
  const outDir = path.join(folder, 'dist');
  const { code, stdout } = await execute('npx', [
    'tsc',
    '-p',
    'tsconfig.build.json',
    '--outDir',
    outDir,
  ]);
  return {
    folder,
    buildErrors: code === 0 ? undefined : stdout,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
