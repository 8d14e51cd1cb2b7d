import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Checks } from './checks.js';
import { installedChecks } from './installed-checks.js';
import { stagePackage } from './package-stage.js';
import { execute, repository, type Step } from './step.js';

/** Builds, lints, packs, installs and uses the package the way its users do. */
export const packageChecks: Step = {
  name: 'package',
  async run() {
    const checks = new Checks();
    const stage = await stagePackage();
    try {
      await checks.run('build', async () => {
        if (stage.buildErrors !== undefined) throw new Error(stage.buildErrors);
      });
      await checks.program('publint', 'npx', ['publint', 'run', stage.folder, '--strict']);
      await checks.program('types resolve', 'npx', [
        'attw',
        '--pack',
        stage.folder,
        '--profile',
        'esm-only',
        '--no-emoji',
      ]);
      await checks.run('every published file is complete', () => requireBinary(stage.folder));
      const tarball = await checks.run('pack', () => pack(stage.folder));
      if (tarball !== undefined) await installedChecks(checks, tarball);
      return checks.result();
    } finally {
      await stage.remove();
    }
  },
};

async function requireBinary(folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(path.join(repository, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  for (const file of Object.values(manifest.bin)) {
    const text = await readFile(path.join(folder, file), 'utf8');
    if (!text.startsWith('#!/usr/bin/env node\n')) throw new Error(`${file} has no shebang`);
  }
  for (const file of ['README.md', 'LICENSE', 'NOTICE']) await access(path.join(folder, file));
}

async function pack(folder: string): Promise<string> {
  const { code, stderr } = await execute('npm', ['pack', '--ignore-scripts'], { cwd: folder });
  const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (code !== 0 || name === undefined) throw new Error(stderr);
  return path.join(folder, name);
}
