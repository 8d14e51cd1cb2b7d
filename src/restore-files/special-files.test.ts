import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordFile } from '../benchmark/evaluation/records.js';
import { readBurstMetadata } from '../datasets/bursts/burst-files.js';
import { fileDigest } from '../files/digest.js';
import { readWeights } from '../files/input-file.js';
import { readJson } from '../files/read-json.js';
import { specialFiles } from '../files/testing/special-files.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { copyFileAtomic } from '../files/write-atomic.js';
import { decodeImage } from '../images/decode.js';
import { readImageHeader } from '../images/source.js';
import { openStreamed } from '../images/streamed-reader.js';
import { findPack, loadPack } from '../models/packs.js';
import { hashFile } from '../models/pull/check-file.js';
import { packFolder } from '../models/testing/pack-folder.js';
import { readSidecar } from '../raw/mosaic-file.js';
import { readRawFrame } from '../raw/read-raw-frame.js';
import { embedPng } from '../reports/page.js';
import { appendLog } from '../training/run/log.js';
import { DpirError, type ErrorKind } from '../utils/errors.js';
import { DoneRecords, RECORDS_FILE } from './batch/done-records.js';

const folder = await temporaryFolder();
const pack = await packFolder(folder);

/** Readers by what they read, with the name of the file and the kind of their refusal. */
const readers: readonly (readonly [string, string, ErrorKind, (path: string) => unknown])[] = [
  ['an image', 'a.png', 'input', decodeImage],
  ['a large image', 'large.png', 'input', (path) => openStreamed(path)],
  ['the header of an image', 'header.png', 'input', readImageHeader],
  ['a RAW frame', 'a.dng', 'input', (path) => readRawFrame(path)],
  ['the description of a mosaic', 'm.json', 'input', (path) => readSidecar(path)],
  ['metadata of a burst', 'meta.json', 'input', readBurstMetadata],
  ['what is hashed', 'hashed.png', 'input', (path) => fileDigest(path)],
  ['what is copied', 'copied.png', 'input', (path) => copyFileAtomic(path, join(folder, 'copy'))],
  ['an image of a page', 'page.png', 'input', (path) => embedPng(path, path)],
  ['weights', 'w.safetensors', 'model', (path) => readWeights(path)],
  ['a contract', 'a.contract.json', 'model', readJson],
  ['what is pulled from a file', 'from.pth', 'model', (path) => hashFile(path)],
  ['records of a benchmark', 'records.jsonl', 'input', (path) => RecordFile.open(path)],
  ['records of results', RECORDS_FILE, 'input', () => new DoneRecords(folder).find('key')],
  ['the log of a training run', 'log.jsonl', 'output', () => appendLog(folder, { step: 1 })],
];

for (const [what, make] of Object.entries(specialFiles))
  test.each(readers)(`%s is not taken from ${what}`, async (_, name, kind, read) => {
    const path = join(folder, name);
    await make(path);
    const error = await Promise.resolve(read(path)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DpirError);
    expect(error).toMatchObject({ kind, details: { subject: path } });
    await rm(path);
  });

for (const [what, make] of [
  ...Object.entries(specialFiles),
  ['a link out of the pack', (path: string) => symlink('/etc/hostname', path)] as const,
])
  test(`no file of a pack is ${what}`, async () => {
    const own = await packFolder(await temporaryFolder());
    const weights = join(own, 'fusion.safetensors');
    await rm(weights);
    await make(weights);
    await expect(loadPack(own)).rejects.toMatchObject({
      kind: 'model',
      details: { subject: weights },
    });
    const manifest = join(own, 'pack.json');
    await rm(manifest);
    await make(manifest);
    // What is no file is no manifest, so that there is no pack.
    const found = await findPack(own).catch((error: unknown) => error);
    if (found !== undefined)
      expect(found).toMatchObject({ kind: 'model', details: { subject: manifest } });
  });

test('links within a pack, and to a pack, are followed', async () => {
  const own = await temporaryFolder();
  await symlink(pack, join(own, 'linked'));
  expect((await loadPack(join(own, 'linked'))).manifest.name).toBe('made-up');
});
