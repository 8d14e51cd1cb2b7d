import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { waves } from '../restoration/testing/images.js';
import { enlarging } from '../restoration/testing/onnx-modules.js';
import { restoreImage } from '../restore-files/restore.js';
import { LimitError } from '../utils/errors.js';
import { model, node, stored, value } from '../weights/onnx/testing/models.js';
import { probeModel } from './open-module.js';
import { packFolder } from './testing/pack-folder.js';

const folder = await temporaryFolder();
const memory = 512 * 2 ** 20;

/** A file of a hundred bytes that enlarges images without measure. */
async function bomb(times: number): Promise<string> {
  const scales = new Uint8Array(Float32Array.of(1, 1, times, times).buffer);
  const path = join(folder, `resize-${times}.onnx`);
  const bytes = model({
    node: [node('Resize', ['x', '', 'scales'], ['y'])],
    initializer: [stored('scales', [4], scales)],
    output: [value('y', ['N', 3, 'H', 'W'])],
  });
  await writeFile(path, bytes);
  return path;
}

test('a file whose run takes more memory than a probe may have is refused', async () => {
  const path = await bomb(250);
  const probing = probeModel(path, 'restorer', { memory });
  await expect(probing).rejects.toThrow(LimitError);
  await expect(probing).rejects.toThrow(/memory/);
});

test('a file that says how much it enlarges is refused before it is run', async () => {
  await expect(probeModel(await bomb(350), 'restorer')).rejects.toThrow(
    /Resize enlarges by \[1, 1, 350, 350\], more than 65536 times$/,
  );
});

test('a file whose output is far too large is refused after one run', async () => {
  const path = await bomb(40);
  await expect(probeModel(path, 'restorer')).rejects.toMatchObject({
    kind: 'model',
    details: { subject: path },
  });
});

test('the memory of a restoration is that of its probes', async () => {
  const pack = await packFolder(folder);
  const restorer = await bomb(251);
  const call = { pack, threads: 1, memory, modules: { restorer } };
  await expect(restoreImage(waves(8, 8), call)).rejects.toThrow(LimitError);
});

test('a probe that has no end is ended', async () => {
  const path = join(folder, 'endless.onnx');
  await writeFile(path, endless());
  const probing = probeModel(path, 'restorer', { timeout: 1 });
  await expect(probing).rejects.toThrow(LimitError);
  await expect(probing).rejects.toThrow(`probing ${path}: not done after 1 s`);
});

test('an honest file is probed within a small limit', async () => {
  const path = join(folder, 'two.onnx');
  await writeFile(path, enlarging(2).bytes);
  const { contract } = await probeModel(path, 'restorer', { memory });
  expect(contract).toMatchObject({ scale: 2 });
});

/** A loop of 2^62 turns around the image. */
function endless(): Uint8Array {
  const int64 = 7;
  const [flag, count] = [9, int64];
  const body = {
    name: 'body',
    node: [node('Identity', ['go'], ['stay']), node('Identity', ['in'], ['out'])],
    input: [value('turn', [], count), value('go', [], flag), value('in', ['N', 3, 'h', 'w'])],
    output: [value('stay', [], flag), value('out', ['N', 3, 'h', 'w'])],
  };
  const turns = new Uint8Array(BigInt64Array.of(2n ** 62n).buffer);
  return model({
    node: [
      node('Loop', ['turns', 'always', 'x'], ['y'], {
        attribute: [{ name: 'body', type: 5, g: body }],
      }),
    ],
    initializer: [stored('turns', [], turns, int64), stored('always', [], Uint8Array.of(1), flag)],
  });
}
