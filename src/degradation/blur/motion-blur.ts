import { integerAt } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { transferOf } from '../camera/transfer-curves.js';
import { checkColour, type Degradation, roundToBytes, seedAt } from '../degradation.js';
import { addLightNoise } from '../noise.js';
import type { MotionBlurSettings, ObjectMotion } from '../settings.js';
import { lightPlanes } from './convolve.js';
import { drawRegion, type Region } from './moving-region.js';
import { farthest, joined, sumExposure } from './sum-exposure.js';
import {
  blurLaw,
  drawObjectTrajectory,
  drawShakeTrajectory,
  type Exposure,
  expose,
} from './trajectory.js';

const shakePurpose = 0;
const regionPurpose = 1;
const noisePurpose = 2;
const objectStream = 16;

// A way of a certain length rarely goes farther than this part of it from its mean.
const reachPerLength = 0.6;
// The margin is right for crops of up to 256 pixels; turns of larger ones are wider.
const marginRadius = 181;

/**
 * Blurs images as a high-speed camera would see it: the camera shakes, some regions move on their
 * own and hide what is behind them, and all instants are averaged in linear light; then noise and
 * the curve to display values.
 * @throws ParameterError for an image of another shape than [3, H, W] when applied.
 */
export function motionBlur(settings: MotionBlurSettings): Degradation {
  const { path, rotation, objects } = blurLaw(settings);
  const reach = reachPerLength * path.maximum;
  const objectReach = objects === false ? 0 : reachPerLength * objects.path.maximum;
  const turned = ((rotation * Math.PI) / 180) * marginRadius;
  return {
    name: `motion blur, ${settings.strength}`,
    scale: 1,
    margin: Math.ceil(reach + objectReach + turned) + 1,
    apply: (image, key) => {
      checkColour(image);
      const seed = seedAt(key, shakePurpose);
      const [, height = 0, width = 0] = image.shape;
      if (height === 0 || width === 0)
        throw new ParameterError('image', 'at least one pixel', image.shape);
      const exposure = drawExposure(settings, seed, height, width);
      const transfer = transferOf(settings.light);
      const light = lightPlanes(image, borderOf(exposure, height, width), transfer);
      const background =
        exposure.objects.length > 0 ? { ...light, data: light.data.slice() } : light;
      const regionSeed = seedAt(key, regionPurpose);
      const regions: Region[] = exposure.objects.map((_, at) =>
        drawRegion((objects as ObjectMotion).size, objectReach, regionSeed, at, background),
      );
      const blurred = sumExposure({ image: light, background, regions }, exposure);
      if (settings.noise) addLightNoise(blurred, settings.noise, seedAt(key, noisePurpose));
      transfer.encode(blurred);
      return tensor(image.shape, settings.round ? roundToBytes(blurred) : blurred);
    },
  };
}

/**
 * The movements of one exposure of an image of this size.
 * @param seed of the shake alone, integer in [0, 2^53).
 */
export function drawExposure(
  settings: MotionBlurSettings,
  seed: number,
  height: number,
  width: number,
): Exposure {
  const { path, rotation, objects } = blurLaw(settings);
  const camera = drawShakeTrajectory({ ...settings, path, rotation }, seed);
  const moving = Array.from({ length: countOf(objects, seed) }, (_, at) =>
    drawObjectTrajectory((objects as ObjectMotion).path, seed, objectStream + 1 + at),
  );
  return expose(camera, moving, {
    ramp: settings.ramp,
    radius: Math.sqrt(height * height + width * width) / 2,
    reach: reachPerLength * path.maximum,
    objectReach: objects === false ? 0 : reachPerLength * objects.path.maximum,
  });
}

function countOf(objects: ObjectMotion | false, seed: number): number {
  if (objects === false) return 0;
  const { minimum, maximum } = objects.count;
  return minimum + integerAt(seed, objectStream, 0, maximum - minimum + 1);
}

/** Pixels outside the image that may move into it. */
function borderOf({ x, y, angle, objects }: Exposure, height: number, width: number): number {
  const turn = angle.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const ways = [{ x, y }, ...objects.map((way) => joined({ x, y }, way))];
  return Math.ceil(Math.max(...ways.map(farthest)) + (turn * Math.max(height, width)) / 2) + 1;
}
