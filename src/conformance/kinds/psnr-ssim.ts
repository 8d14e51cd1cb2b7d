import { psnr } from '../../metrics/psnr.js';
import { ssim } from '../../metrics/ssim.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { ConformanceCase } from '../case.js';
import { compareNumbers, floatTensor, worst } from '../compare.js';
import type { Kind } from '../kind.js';

const figureName = /^(psnr|ssim) crop=(\d+) y=(True|False)$/;

/** Figures of the 8-bit pictures `a` and `b`, named as `psnr crop=4 y=True`. */
export const psnrSsim: Kind = {
  name: 'psnr-ssim',
  recognises: (candidate) =>
    candidate.tensors.has('a') && candidate.tensors.has('b') && figuresOf(candidate).size > 0,
  async run(candidate) {
    const a = unit(candidate, 'a');
    const b = unit(candidate, 'b');
    return worst(
      [...figuresOf(candidate)].map(([name, expected]) => {
        const [, metric, crop, luma] = figureName.exec(name)!;
        const make = metric === 'psnr' ? psnr : ssim;
        const figure = make({
          border: Number(crop),
          colourSpace: luma === 'True' ? 'luma' : 'rgb',
        }).compute(a, b);
        return compareNumbers(name, figure, expected, 1e-6);
      }),
    );
  },
};

function figuresOf({ json, metadata }: ConformanceCase): Map<string, number> {
  const stated = typeof json.values === 'object' && json.values !== null ? json.values : {};
  const all = [...metadata, ...Object.entries(stated)];
  return new Map(
    all.flatMap(([name, value]) => (figureName.test(name) ? [[name, Number(value)]] : [])),
  );
}

function unit(candidate: ConformanceCase, name: string): Tensor {
  const { shape, data } = floatTensor(candidate, name);
  return tensor(
    shape,
    data.map((level) => level / 255),
  );
}
