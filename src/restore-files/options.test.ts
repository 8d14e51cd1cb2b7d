import { join } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { packFolder } from '../models/testing/pack-folder.js';
import { describeRestoration } from './batch/done-records.js';
import {
  type OptionValues,
  pathOf,
  type RestoreOptionName,
  requestOf,
  requireKnownOptions,
  restoreOptionRows,
  type restoreOptions,
  valueIn,
} from './options.js';
import type { BurstFilesRequest } from './restore-request.js';

const folder = await temporaryFolder();
const pack = await packFolder(folder);

/** Names of a request's options; those of entries as `limits.maxPixels`. */
type Path<Request> = {
  [Key in keyof Request & string]-?: Key extends 'limits' | 'modules'
    ? `${Key}.${keyof NonNullable<Request[Key]> & string}`
    : Key;
}[keyof Request & string];

/** Names in requests of the table's options, but for those of the command line alone. */
type TablePath = {
  [Name in RestoreOptionName]: (typeof restoreOptions)[Name] extends { inputs: readonly [] }
    ? never
    : (typeof restoreOptions)[Name] extends { path: infer Own }
      ? Own
      : Name;
}[RestoreOptionName];

test('the table has a row for every option of a request, and no other', () => {
  expectTypeOf<TablePath>().toEqualTypeOf<Path<BurstFilesRequest>>();
  expectTypeOf<OptionValues['steps']>().toEqualTypeOf<BurstFilesRequest['steps']>();
  expectTypeOf<OptionValues['task']>().toEqualTypeOf<BurstFilesRequest['task']>();
  expectTypeOf<OptionValues['reference']>().toEqualTypeOf<BurstFilesRequest['reference']>();
});

test.each(restoreOptionRows)('%s: example and default satisfy the schema', (_, row) => {
  expect(row.schema.safeParse(row.example).success).toBe(true);
  if (row.default !== undefined) {
    expect(row.schema.safeParse(row.default).success).toBe(true);
    expect(row.example).not.toEqual(row.default);
  }
  expect(row.help).not.toBe('');
});

const library = restoreOptionRows.filter(([, { inputs }]) => inputs.length > 0);

test.each(library)('%s has its own place in requests', (name, row) => {
  const request = requestOf({ [name]: row.example });
  expect(valueIn(request, name)).toBe(row.example);
  const [key] = pathOf(name).split('.');
  expect(Object.keys(request)).toEqual([key]);
  for (const input of ['image', 'image file', 'burst', 'burst files'] as const) {
    const check = () => requireKnownOptions(request, input);
    const isKnown = library.some(
      ([other, { inputs }]) => inputs.includes(input) && pathOf(other).split('.')[0] === key,
    );
    if (isKnown) expect(check).not.toThrow();
    else expect(check).toThrow(`options.${key}: expected one of `);
    expect(isKnown || !row.inputs.includes(input)).toBe(true);
  }
});

/** Examples that exist in this folder. */
const examples: Partial<Record<RestoreOptionName, unknown>> = {
  model: pack,
  restorer: join(pack, 'denoiser.safetensors'),
  denoiser: join(pack, 'restorer.safetensors'),
  fusion: join(pack, 'denoiser.safetensors'),
  eta: 0.5,
};
/** Options that an example needs beside it. */
const companions: Partial<Record<RestoreOptionName, OptionValues>> = {
  eta: { sampler: 'ddim' },
  variance: { sampler: 'ancestral' },
};

test.each(library)('%s is part of the digest if pixels depend on it', async (name, row) => {
  const own = companions[name] ?? {};
  const digest = (values: object) => describeRestoration(requestOf({ model: pack, ...values }));
  const before = await digest(own);
  const after = await digest({ ...own, [name]: examples[name] ?? row.example });
  const isSame = name === 'task' || name === 'model' || !row.affectsPixels;
  expect(after === before, String(row.affectsPixels)).toBe(isSame);
});

test('an option that is none is refused with the list of those that are', () => {
  expect(() => requireKnownOptions({ stepps: 3 }, 'image')).toThrow(
    /^options\.stepps: expected one of .*\bsteps\b.*, received "stepps"/,
  );
});

test('every limit states its default', () => {
  for (const [name, { group, default: value, defaultText }] of restoreOptionRows)
    if (group === 'Limits') expect(value ?? defaultText, name).toBeDefined();
});
