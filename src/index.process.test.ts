import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from './files/testing/temporary-folder.js';
import { writeTestImage } from './images/testing/image-files.js';
import { burstFolder } from './restore-files/testing/burst-files.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

/** Module, and names of values and types, that an entry re-exports. */
function exportsOf(entry: string) {
  const source = readFileSync(join(root, 'src', `${entry}.ts`), 'utf8');
  const found: { name: string; isType: boolean; module: string }[] = [];
  for (const [, allTypes, list, module] of source.matchAll(
    /export (type )?\{([^}]*)\} from '([^']+)'/g,
  ))
    for (const item of list!.split(',').map((text) => text.trim()))
      if (item !== '')
        found.push({
          name: item.replace(/^type /, ''),
          isType: allTypes !== undefined || item.startsWith('type '),
          module: module!,
        });
  return found;
}

const values = exportsOf('index').filter(({ isType }) => !isType);

test('the root has at most 45 names and 60 types besides', () => {
  const types = exportsOf('index').filter(({ isType }) => isType);
  expect(values.length).toBeGreaterThan(15);
  expect(values.length).toBeLessThanOrEqual(45);
  expect(types.length).toBeLessThanOrEqual(60);
});

test('a name means the same in every entry', () => {
  const modules = new Map<string, string>();
  for (const entry of ['index', 'core', 'train', 'evaluate', 'models'])
    for (const { name, module } of exportsOf(entry)) {
      expect(modules.get(name) ?? module, name).toBe(module);
      modules.set(name, module);
    }
});

/** The example in the docstring of a function, and its declaration's line. */
function exampleOf(name: string, module: string): string | undefined {
  const source = readFileSync(join(root, 'src', module.replace(/\.js$/, '.ts')), 'utf8');
  const at = source.search(new RegExp(`^export (async )?function ${name}\\b`, 'm'));
  if (at < 0) return undefined;
  const docstring = source.slice(source.lastIndexOf('/**', at), at);
  const example = /@example\n((?: \*(?: (?!@).*)?\n)*)/.exec(docstring)?.[1];
  if (example === undefined) throw new Error(`${name} has no example`);
  return example.replace(/^ \* ?/gm, '').trimEnd();
}

test('the example of every function at the root compiles and runs', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'photos'));
  for (const name of ['photo.png', 'photo.jpg', 'photos/a.png', 'photos/b.png'])
    await writeTestImage(join(folder, name), 8, 6);
  await burstFolder(join(folder, 'burst'), 2, [16, 16]);
  await writeFile(
    join(folder, 'squares.js'),
    'export const square = async (context, value) => value * value;\n',
  );
  const index = pathToFileURL(join(root, 'src/index.ts')).href;
  const files: string[] = [];
  for (const { name, module } of values) {
    const example = exampleOf(name, module);
    if (example === undefined) continue;
    const used = exportsOf('index')
      .filter((each) => new RegExp(`\\b${each.name}\\b`).test(example))
      .map((each) => `${each.isType ? 'type ' : ''}${each.name}`);
    const file = `${name}.mts`;
    files.push(file);
    await writeFile(
      join(folder, file),
      `import { readFile } from 'node:fs/promises';\nimport { ${used.join(', ')} } from '${index}';\n${example}\nexport { readFile };\n`,
    );
  }
  expect(files.length).toBeGreaterThan(10);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const all = files.map((file) => `await import('./${file}');\n`).join('');
  await writeFile(join(folder, 'all.mts'), all);
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  await run(process.execPath, ['--import', loader, 'all.mts'], { cwd: folder });

  const paths = { compilerOptions: { noEmit: true, skipLibCheck: true } };
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      ...paths.compilerOptions,
      noUnusedLocals: false,
      allowImportingTsExtensions: true,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files,
  };
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    await writeFile(join(folder, file), text.replace(index, join(root, 'src/index.js')));
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compiler = ['tsc', '-p', join(folder, 'tsconfig.json')];
  const failed = await run('npx', compiler, { cwd: root }).catch(({ stdout }) => stdout);
  expect(failed).toMatchObject({ stdout: '' });
});
