import { type ResizeTarget, resizeBicubic } from '../../degradation/bicubic-resize.js';
import { type Camera, processToSrgb, unprocess } from '../../degradation/camera/camera.js';
import { applyColourMatrix, invertColourMatrix } from '../../degradation/camera/colour-matrix.js';
import { mosaic } from '../../degradation/camera/mosaic.js';
import { expandGamma, invertToneCurve } from '../../degradation/camera/transfer-curves.js';
import { warpAffine } from '../../degradation/warp-affine.js';
import { psnr } from '../../metrics/psnr.js';
import { ssim } from '../../metrics/ssim.js';
import { type DataType, type Tensor, tensor } from '../../tensor/tensor.js';
import {
  type ConformanceCase,
  compareNumbers,
  compareTensors,
  floatTensor,
  type Kind,
  worst,
} from '../case.js';

const factorName = /^(div|mul)(\d+(?:\.\d+)?)$/;

/** `input` resized by the factors that the names of the other tensors state. */
export const bicubic: Kind = {
  name: 'bicubic',
  recognises: ({ tensors }) =>
    tensors.has('input') && [...tensors.keys()].some((name) => factorName.test(name)),
  async run(candidate) {
    const input = floatTensor(candidate, 'input');
    const names = [...candidate.tensors.keys()].filter((name) => name !== 'input');
    return worst(
      names.map((name) => {
        const expected = floatTensor(candidate, name);
        const received = resizeBicubic(input, targetOf(name, expected));
        return compareTensors(name, received, expected, () => 1e-5);
      }),
    );
  },
};

function targetOf(name: string, expected: Tensor): ResizeTarget {
  const [, direction, digits] = factorName.exec(name) ?? [];
  if (digits === undefined)
    return { height: expected.shape.at(-2) ?? 0, width: expected.shape.at(-1) ?? 0 };
  return { scale: direction === 'div' ? 1 / Number(digits) : Number(digits) };
}

/** The 8-bit image `input_u8_hwc` moved by the forward map `matrix`, to one grey level. */
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

const steps = [
  'cam2rgb',
  'inverse_tone',
  'linear_srgb',
  'camera_rgb',
  'linear_sensor',
  'mosaic_rggb',
  'processed_srgb',
] as const;

/** The camera model from the sRGB image `input` on, step by step; gains in the metadata. */
export const cameraPipeline: Kind = {
  name: 'camera-pipeline',
  recognises: ({ tensors }) =>
    tensors.has('input') && tensors.has('rgb2cam') && steps.some((step) => tensors.has(step)),
  async run(candidate) {
    const received = walk(floatTensor(candidate, 'input'), cameraOf(candidate));
    return worst(
      steps
        .filter((step) => candidate.tensors.has(step))
        .map((step) =>
          compareTensors(step, received[step], floatTensor(candidate, step), () => 1e-5),
        ),
    );
  },
};

function walk(input: Tensor, camera: Camera): Record<(typeof steps)[number], Tensor> {
  const inverseTone = invertToneCurve(input);
  const linear = expandGamma(inverseTone);
  const sensor = unprocess(input, camera);
  return {
    cam2rgb: tensor([3, 3], camera.cameraToRgb),
    inverse_tone: inverseTone,
    linear_srgb: linear,
    camera_rgb: applyColourMatrix(linear, camera.rgbToCamera),
    linear_sensor: sensor,
    mosaic_rggb: mosaic(sensor),
    processed_srgb: processToSrgb(sensor, camera),
  };
}

function cameraOf(candidate: ConformanceCase): Camera {
  const rgbToCamera = [...floatTensor(candidate, 'rgb2cam').data];
  const gain = (colour: string): number => {
    const value = candidate.metadata.get(`${colour}_gain`) ?? candidate.json[`${colour}_gain`];
    if (value === undefined) throw new Error(`the case does not state ${colour}_gain`);
    return Number(value);
  };
  return {
    gains: { rgb: gain('rgb'), red: gain('red'), blue: gain('blue') },
    rgbToCamera,
    cameraToRgb: invertColourMatrix(rgbToCamera),
  };
}

const figureName = /^(psnr|ssim) crop=(\d+) y=(True|False)$/;

/** Figures of the 8-bit images `a` and `b`, named as `psnr crop=4 y=True`. */
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
        const figure = (metric === 'psnr' ? psnr : ssim)
          .open({
            border: Number(crop),
            colourSpace: luma === 'True' ? 'luma' : 'rgb',
          })
          .measure(b, a);
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
