import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testRunner } from '../../../engine/testing/runners.js';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { decodeImage } from '../../../images/decode.js';
import { quantise } from '../../../images/raster.js';
import { writeRichImage } from '../../../images/testing/image-files.js';
import { loadPack } from '../../../models/packs.js';
import { moduleFiles } from '../../../models/testing/pack-folder.js';
import { restoreImage } from '../../../restoration/index.js';
import { compactModules, madeUpModule } from '../../../restoration/testing/packs.js';
import { runCommands } from '../../testing/run-commands.js';
import { command as models } from '../models/index.js';
import { command as restore } from './restore.js';

const folder = await temporaryFolder();

const run = (...argv: string[]) => runCommands([restore, models], argv);

test('a pack for deblurring is assembled with the settings of the paper and sharpens a file', async () => {
  const restorer = madeUpModule('compact-restorer', { scale: 1, features: 4, blocks: 1 });
  const { files } = await moduleFiles(join(folder, 'modules'), { ...compactModules, restorer });
  const pack = join(folder, 'pack');
  const made = await run(
    ...['models', 'pack', '-o', pack, '--name', 'own', '--task', 'deblur', '--t-max', '20'],
    ...Object.entries(files).flatMap(([role, file]) => [`--${role}`, file]),
  );
  expect(made).toMatchObject({ code: 0 });

  const blurred = join(folder, 'blurred.png');
  await writeRichImage(blurred, 41, 30);
  const sharp = join(folder, 'sharp.png');
  const asked = ['restore', '--task', 'deblur', '-i', blurred, '-o', sharp, '--model', pack];
  const { code, stdout } = await run(...asked, '--threads', '1', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    task: 'deblur',
    nfe: 6,
    settings: { tau: 5, steps: 5, sampler: 'ancestral' },
    width: 41,
    height: 30,
  });
  const before = await decodeImage(blurred);
  const after = await decodeImage(sharp);
  expect(after.bitDepth).toBe(16);
  expect(after.alpha).toEqual(before.alpha);
  const { image } = await restoreImage(before.tensor, await loadPack(pack), await testRunner());
  expect(quantise([after.tensor], 16)).toEqual(quantise([image], 16));
});
