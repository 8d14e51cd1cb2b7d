import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toFloat32 } from '../../tensor/half.js';
import { decodePyTorch } from '../../tensor/pytorch/decode-pytorch.js';
import { decodeSafetensors } from '../../tensor/safetensors.js';
import { tensor } from '../../tensor/tensor.js';
import { compareTensors, type Kind, passes, worst } from '../case.js';

/** State dictionaries in the forms that people publish; found where the index says, exact. */
export const checkpoint: Kind = {
  name: 'checkpoint',
  recognises: (candidate) => candidate.checkpoint !== undefined,
  async run(candidate) {
    const path = candidate.checkpoint!;
    const file = basename(path);
    const expected = decodeSafetensors(
      await readFile(path.replace(/\.pth$/, '.expected.safetensors')),
    ).tensors;
    const index = JSON.parse(await readFile(join(dirname(path), 'index.json'), 'utf8'));
    const found = decodePyTorch(await readFile(path), file);
    const place = index[file]?.state_dict_at;
    if (found.path !== place)
      throw new Error(`expected the state dictionary at ${place}, found it at ${found.path}`);
    const names = [...found.tensors.keys()].map((name) => found.prefix + name);
    const strange = [
      ...names.filter((name) => !expected.has(name)),
      ...[...expected.keys()].filter((name) => !names.includes(name)),
    ];
    if (strange.length > 0) throw new Error(`only one side has ${strange.join(', ')}`);
    const comparisons = [...found.tensors].map(([name, value]) => {
      const reference = toFloat32(expected.get(found.prefix + name)!);
      const received = toFloat32(value);
      // The expected files hold scalars as one element.
      const shape = received.shape.length === 0 ? [1] : received.shape;
      return compareTensors(name, tensor(shape, received.data), reference, () => 0);
    });
    return comparisons.find((comparison) => !passes(comparison)) ?? worst(comparisons);
  },
};
