import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repository } from './step.js';

interface LockedPackage {
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  /** Of a workspace, which is part of this repository. */
  readonly link?: boolean;
}

const read = (name: string): Promise<string> => readFile(path.join(repository, name), 'utf8');
const notice = await read('NOTICE');
/** The kinds that NOTICE lists at its end. */
const known = new Set(notice.split('can hold:\n')[1]!.match(/\S+/g));

/** Licences of all packages that installing this one can bring, on any platform. */
async function installedLicences(): Promise<ReadonlyMap<string, string>> {
  const { packages } = JSON.parse(await read('package-lock.json')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const installed = Object.entries(packages).filter(
    ([place, { dev, devOptional, link }]) =>
      place.includes('node_modules/') && !dev && !devOptional && !link,
  );
  return new Map(
    installed.map(([place, { license = 'none' }]) => [
      place.replace(/^.*node_modules\//, ''),
      license,
    ]),
  );
}

/** The kinds of an SPDX expression. */
const kindsOf = (expression: string): string[] =>
  expression.match(/[\w.-]+/g)!.filter((word) => word !== 'AND' && word !== 'OR');

test('every package that is installed has a licence of a kind that NOTICE lists, and no more', async () => {
  const licences = await installedLicences();
  const unknown = [...licences].filter(([, licence]) =>
    kindsOf(licence).some((kind) => !known.has(kind)),
  );
  expect(unknown).toEqual([]);
  expect(known).toEqual(new Set([...licences.values()].flatMap(kindsOf)));
});

test('NOTICE names every package under a licence that asks for sources, and where these are', async () => {
  const copyleft = [...(await installedLicences())].filter(([, licence]) =>
    /GPL|MPL|CDDL|EPL/.test(licence),
  );
  expect(copyleft.length).toBeGreaterThan(0);
  for (const [name] of copyleft)
    expect(notice).toContain(name.replace(/^(@img\/sharp-(libvips|win32))-.*/, '$1-*'));
  expect(notice).toContain('Sources: https://github.com/libvips/libvips');
  // Its own package is ISC; what is compiled into it is not.
  expect((await installedLicences()).get('libraw-wasm')).toBe('ISC');
  expect(notice).toContain('LibRaw, LGPL-2.1 or CDDL-1.0');
  expect(notice).toContain('Sources: https://github.com/LibRaw/LibRaw');
});

test('the weights that come with the package are under its own licence', async () => {
  const names = await readdir(path.join(repository, 'models'));
  const packs = names.map((name) => path.join('models', name, 'pack.json'));
  for (const pack of packs) {
    const text = await read(pack).catch(() => '{"modules":{}}');
    const { modules } = JSON.parse(text) as {
      readonly modules: Readonly<Record<string, { provenance?: { licence?: string } }>>;
    };
    for (const { provenance } of Object.values(modules))
      expect(provenance?.licence ?? 'MIT', pack).toBe('MIT');
  }
});

test('what is published carries licence and notice', async () => {
  const { files, license } = JSON.parse(await read('package.json'));
  expect(license).toBe('MIT');
  expect(files).toContain('NOTICE');
});
