import { type Camera, processToSrgb, unprocess } from '../../degradation/camera/camera.js';
import { applyColourMatrix, invertColourMatrix } from '../../degradation/camera/colour-matrix.js';
import { mosaic } from '../../degradation/camera/mosaic.js';
import { expandGamma, invertToneCurve } from '../../degradation/camera/transfer-curves.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { ConformanceCase } from '../case.js';
import { compareTensors, floatTensor, worst } from '../compare.js';
import type { Kind } from '../kind.js';

const steps = [
  'cam2rgb',
  'inverse_tone',
  'linear_srgb',
  'camera_rgb',
  'linear_sensor',
  'mosaic_rggb',
  'processed_srgb',
] as const;

/** The camera model from the sRGB picture `input` on, step by step; gains in the metadata. */
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
