import { warpAffine } from '../../degradation/warp-affine.js';
import { type DataType, type Tensor, tensor } from '../../tensor/tensor.js';
import type { ConformanceCase } from '../case.js';
import { compareTensors, worst } from '../compare.js';
import type { Kind } from '../kind.js';

/** The 8-bit picture `input_u8_hwc` moved by the forward map `matrix`, to one grey level. */
export const warp: Kind = {
  name: 'warp-affine',
  recognises: ({ tensors }) =>
    ['input_u8_hwc', 'matrix', 'warped_u8_hwc'].every((name) => tensors.has(name)),
  async run(candidate) {
    const input = planesFirst(candidate, 'input_u8_hwc');
    const expected = planesFirst(candidate, 'warped_u8_hwc');
    const [, height = 0, width = 0] = expected.shape;
    const matrix = Array.from(numbersOf(candidate, 'matrix').data, Number);
    const moved = warpAffine(input, matrix, { height, width, positions: 'fixed-point' });
    const levels = tensor(
      moved.shape,
      moved.data.map((value) => Math.round(value)),
    );
    return worst([compareTensors('warped_u8_hwc', levels, expected, () => 1)]);
  },
};

function planesFirst(candidate: ConformanceCase, name: string): Tensor {
  const { shape, data } = numbersOf(candidate, name);
  const [height = 0, width = 0, channels = 0] = shape;
  if (shape.length !== 3)
    throw new Error(`${name}: expected [height, width, channels], received [${shape}]`);
  const planes = new Float32Array(data.length);
  const area = height * width;
  for (let at = 0; at < data.length; at++)
    planes[(at % channels) * area + Math.floor(at / channels)] = Number(data[at]);
  return tensor([channels, height, width], planes);
}

function numbersOf(candidate: ConformanceCase, name: string): Tensor<DataType> {
  const found = candidate.tensors.get(name);
  if (found === undefined) throw new Error(`the case has no tensor ${name}`);
  return found;
}
