import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { Checks } from './checks.js';
import { correlation, meanOverBlocks, sampleImage } from './sample-image.js';
import { repository } from './step.js';

/** Installs a packed tarball into an empty project and uses it there: library, command, pack. */
export async function installedChecks(checks: Checks, tarball: string): Promise<void> {
  const project = await mkdtemp(path.join(tmpdir(), 'dp-ir-installed-'));
  try {
    await writeFile(path.join(project, 'package.json'), '{"private":true,"type":"module"}\n');
    const installed = await checks.program(
      'npm install of the tarball',
      'npm',
      ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball],
      { cwd: project },
    );
    if (installed === undefined) return;
    await libraryChecks(checks, project);
    await commandChecks(checks, project);
    if (await exists(path.join(project, 'node_modules/dp-ir/models/sr4')))
      await restoreChecks(checks, project);
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

async function libraryChecks(checks: Checks, project: string): Promise<void> {
  for (const name of ['dp-ir', 'dp-ir/core']) {
    const program = `import { tensor, ParameterError } from '${name}';
      if (tensor([2, 3]).data.length !== 6) throw new Error('wrong tensor');
      let refusal;
      try { tensor([2], [1]); } catch (error) { refusal = error; }
      if (!(refusal instanceof ParameterError)) throw new Error('wrong data was accepted');`;
    await checks.program(
      `${name} is imported and used`,
      process.execPath,
      ['--input-type=module', '--eval', program],
      { cwd: project },
    );
  }
}

async function commandChecks(checks: Checks, project: string): Promise<void> {
  const dpIr = (name: string, argv: readonly string[], code = 0) =>
    checks.program(name, 'npx', ['--no-install', 'dp-ir', ...argv], { cwd: project, code });
  const manifest = JSON.parse(await readFile(path.join(repository, 'package.json'), 'utf8')) as {
    version: string;
  };
  const version = await dpIr('dp-ir --version runs', ['--version']);
  await checks.run('dp-ir --version is that of the package', async () => {
    if (version?.trim() !== manifest.version) throw new Error(`printed ${version}`);
  });
  const help = await dpIr('dp-ir --help runs', ['--help']);
  await checks.run('dp-ir --help names its commands', async () => {
    if (!help?.includes('devices')) throw new Error(`printed ${help}`);
  });
  await dpIr('an unknown option exits with 2', ['devices', '--no-such-option'], 2);
}

/** Restores a small image with the pack that ships and looks at the pixels. */
async function restoreChecks(checks: Checks, project: string): Promise<void> {
  const [width, height, scale] = [40, 28, 4];
  const pixels = sampleImage(width, height);
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path.join(project, 'in.png'));
  const restore = (name: string, from: string, to: string, code: number) =>
    checks.program(
      name,
      'npx',
      ['--no-install', 'dp-ir', 'restore', '-i', from, '-o', to, '--task', 'sr4', '--json'],
      { cwd: project, code },
    );

  await restore('restore runs', 'in.png', 'out.png', 0);
  await checks.run('restored image has four times the size', async () => {
    const restored = await sharp(path.join(project, 'out.png')).metadata();
    if (restored.width !== width * scale || restored.height !== height * scale)
      throw new Error(`${restored.width}x${restored.height}`);
  });
  await checks.run('restored pixels follow the input', async () => {
    const restored = await sharp(path.join(project, 'out.png')).removeAlpha().raw().toBuffer();
    const agreement = correlation(
      meanOverBlocks(restored, width * scale, height * scale, scale),
      Float64Array.from(pixels),
    );
    if (!(agreement > 0.97)) throw new Error(`correlation ${agreement}`);
  });

  await restore('a missing image exits with 1', 'missing.png', 'none.png', 1);
  await checks.run('a failed restore leaves no file', async () => {
    const left = (await readdir(project)).filter((file) => file.includes('none'));
    if (left.length > 0) throw new Error(left.join(', '));
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
