import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.js';
import { type DataType, type Tensor, tensor } from '../tensor/tensor.js';
import { InputError } from '../utils/errors.js';
import { allKinds, runCases } from './run-cases.js';

const shipped = fileURLToPath(new URL('../../conformance/', import.meta.url));

async function linesOf(...folders: string[]): Promise<string[]> {
  const lines: string[] = [];
  await runCases(folders, (line) => lines.push(line));
  return lines;
}

/** Copies a shipped case under another name and lets `change` alter it. */
async function altered(
  inside: string,
  from: string,
  to: string,
  change: (tensors: Map<string, Tensor<DataType>>, json: Record<string, unknown>) => void,
): Promise<void> {
  const { tensors, metadata } = decodeSafetensors(
    await readFile(join(shipped, `${from}.safetensors`)),
  );
  const text = await readFile(join(shipped, `${from}.json`), 'utf8').catch(() => undefined);
  const json = text === undefined ? {} : (JSON.parse(text) as Record<string, unknown>);
  const copy = new Map(tensors);
  change(copy, json);
  await writeFile(join(inside, `${to}.safetensors`), encodeSafetensors(copy, metadata));
  if (text !== undefined) await writeFile(join(inside, `${to}.json`), JSON.stringify(json));
}

function nudged({ shape, data }: Tensor<DataType>, amount: number): Tensor {
  const copy = Float32Array.from(data as Float32Array);
  copy[copy.length - 1]! += amount;
  return tensor(shape, copy);
}

test('a case is known by its content, whatever its name', async () => {
  const inside = await temporaryFolder();
  await cp(join(shipped, 'bicubic-matlab.safetensors'), join(inside, 'psnr-x.safetensors'));
  await cp(join(shipped, 'psnr-ssim.safetensors'), join(inside, 'network.safetensors'));
  await cp(join(shipped, 'diffusion.json'), join(inside, 'a.json'));
  const lines = await linesOf(inside);
  expect(lines).toEqual([
    expect.stringMatching(/^PASS a \S+e-1\d 1\.00e-9 /),
    expect.stringMatching(/^PASS network \S+ 1\.00e-6 /),
    expect.stringMatching(/^PASS psnr-x \S+ 1\.00e-5 /),
    '3 passed, 0 failed, 0 skipped',
  ]);
});

test('a wrong value fails, NaN too, in every kind', async () => {
  const inside = await temporaryFolder();
  await altered(inside, 'bicubic-matlab', 'resize', (tensors) => {
    tensors.set('div2', nudged(tensors.get('div2')!, 1e-3));
  });
  await altered(inside, 'bicubic-matlab', 'resize-nan', (tensors) => {
    tensors.set('mul2', nudged(tensors.get('mul2')!, Number.NaN));
  });
  await altered(inside, 'psnr-ssim', 'quality', (_, json) => {
    (json.values as Record<string, number>)['ssim crop=4 y=True']! += 1e-5;
  });
  await altered(inside, 'fusion-step-narrow', 'net-output', (tensors) => {
    tensors.set('output', nudged(tensors.get('output')!, 1e-3));
  });
  await altered(inside, 'fusion-step-narrow', 'net-gradient', (tensors) => {
    tensors.set('grad.conv_out.bias', nudged(tensors.get('grad.conv_out.bias')!, 0.1));
  });
  await altered(inside, 'fusion-step-narrow', 'net-step', (_, json) => {
    (json.adam as { steps: number }).steps = 2;
  });
  const chain = JSON.parse(await readFile(join(shipped, 'diffusion.json'), 'utf8'));
  chain.jump[2].var_beta *= 1 + 1e-7;
  await writeFile(join(inside, 'chain.json'), JSON.stringify(chain));
  const lines = await linesOf(inside);
  expect(lines).toEqual([
    expect.stringMatching(/^FAIL chain 1\.00e-7 1\.00e-9 \(100->60 var_beta\)/),
    expect.stringMatching(/^FAIL net-gradient .*\(grad\.conv_out\.bias\)/),
    expect.stringMatching(/^FAIL net-output 1\.0\de-3 2\.\d\de-5 \(output\)/),
    expect.stringMatching(/^FAIL net-step .*\(adam\./),
    expect.stringMatching(/^FAIL quality .*\(ssim crop=4 y=True\)/),
    expect.stringMatching(/^FAIL resize .* 1\.00e-5 \(div2\)/),
    expect.stringMatching(/^FAIL resize-nan NaN 1\.00e-5 \(mul2\)/),
    '0 passed, 7 failed, 0 skipped',
  ]);
});

test('parameters that differ from the reference fail with their names', async () => {
  const inside = await temporaryFolder();
  type State = { state_dict: Record<string, number[]>; parameters: number };
  const change = (name: string, edit: (json: State) => void) =>
    altered(inside, 'fusion-step-narrow', name, (_, json) => edit(json as unknown as State));
  await change('a', ({ state_dict }) => {
    state_dict['extra.weight'] = [2];
  });
  await change('b', ({ state_dict }) => {
    delete state_dict['conv_in.bias'];
  });
  await change('c', ({ state_dict }) => {
    state_dict['conv_in.bias'] = [17];
  });
  await change('d', (json) => {
    json.parameters += 1;
  });
  expect(await linesOf(inside)).toEqual([
    'FAIL a - - the network lacks extra.weight',
    'FAIL b - - the network has beyond the reference conv_in.bias',
    'FAIL c - - conv_in.bias: expected shape [17], received [16]',
    'FAIL d - - expected 46500 parameters, received 46499',
    '0 passed, 4 failed, 0 skipped',
  ]);
});

test('what does not exist yet is skipped with the reason', async () => {
  const inside = await temporaryFolder();
  await writeFile(join(inside, 'judge.json'), JSON.stringify({ network: 'lpips-eyes' }));
  await writeFile(join(inside, 'net.json'), JSON.stringify({ network: 'telepathy' }));
  await writeFile(
    join(inside, 'odd.safetensors'),
    encodeSafetensors(new Map([['x', tensor([1])]])),
  );
  expect(await linesOf(inside)).toEqual([
    'SKIP judge - - there is no perceptual network lpips-eyes yet',
    'SKIP net - - there is no network telepathy yet',
    'SKIP odd - - no kind of case looks like this',
    '0 passed, 0 failed, 3 skipped',
  ]);
});

test('a checkpoint is compared exactly, at the place that the index states', async () => {
  const inside = await temporaryFolder();
  const checkpoints = join(inside, 'checkpoints');
  await mkdir(checkpoints);
  const forms = join(shipped, 'checkpoints');
  const copy = (from: string, to: string) => cp(join(forms, from), join(checkpoints, to));
  for (const name of ['good', 'moved', 'nudged', 'other']) await copy('zip.pth', `${name}.pth`);
  for (const name of ['good', 'moved'])
    await copy('zip.expected.safetensors', `${name}.expected.safetensors`);
  await copy('protocol-4.expected.safetensors', 'other.expected.safetensors');
  await altered(checkpoints, 'checkpoints/zip.expected', 'nudged.expected', (tensors) => {
    tensors.set('scalar', nudged(tensors.get('scalar')!, 1e-3));
  });
  const index: Record<string, unknown> = { 'moved.pth': { state_dict_at: 'params' } };
  for (const name of ['good', 'nudged', 'other']) index[`${name}.pth`] = { state_dict_at: '/' };
  await writeFile(join(checkpoints, 'index.json'), JSON.stringify(index));
  expect(await linesOf(inside)).toEqual([
    expect.stringMatching(/^PASS checkpoints\/good 0 0 /),
    'FAIL checkpoints/moved - - expected the state dictionary at params, found it at /',
    expect.stringMatching(/^FAIL checkpoints\/nudged 1\.00e-3 0 \(scalar\)/),
    expect.stringMatching(/^FAIL checkpoints\/other - - only one side has .*w$/),
    '1 passed, 3 failed, 0 skipped',
  ]);
});

test('a damaged case fails by itself, and the rest go on', async () => {
  const inside = await temporaryFolder();
  await writeFile(join(inside, 'cut.json'), '{"network": "fus');
  await writeFile(join(inside, 'list.safetensors'), Buffer.alloc(40, 1));
  await writeFile(join(inside, 'no-input.json'), JSON.stringify({ network: 'fusion' }));
  await cp(join(shipped, 'bicubic-matlab.safetensors'), join(inside, 'whole.safetensors'));
  expect(await linesOf(inside)).toEqual([
    expect.stringMatching(/^FAIL cut - - /),
    expect.stringMatching(/^FAIL list - - /),
    expect.stringMatching(/^FAIL no-input - - the case has none of the inputs/),
    expect.stringMatching(/^PASS whole /),
    '1 passed, 3 failed, 0 skipped',
  ]);
});

test('a case that compares nothing fails', async () => {
  const inside = await temporaryFolder();
  const json = { T: 10, schedule: 'linear beta 1e-4..2e-2', start: [] };
  await writeFile(join(inside, 'empty.json'), JSON.stringify(json));
  expect((await linesOf(inside))[0]).toBe('FAIL empty - - the case holds nothing to compare');
});

test('a folder that is missing is an error', async () => {
  await expect(linesOf('/nowhere/at/all')).rejects.toThrow(InputError);
});

test('kinds have names of their own', () => {
  expect(new Set(allKinds.map(({ name }) => name)).size).toBe(allKinds.length);
});

test('the exit code tells', async () => {
  const run = (...args: string[]) =>
    new Promise<number>((resolve) => {
      const script = fileURLToPath(new URL('./run.ts', import.meta.url));
      execFile(process.execPath, ['--import', 'tsx', script, ...args], (error) =>
        resolve(error === null ? 0 : Number(error.code)),
      );
    });
  const good = await temporaryFolder();
  const bad = await temporaryFolder();
  await cp(join(shipped, 'diffusion.json'), join(good, 'chain.json'));
  await writeFile(join(bad, 'cut.json'), '{');
  const codes = await Promise.all([run(good), run(good, bad), run(await temporaryFolder()), run()]);
  expect(codes).toEqual([0, 1, 1, 2]);
});
