import { uniformAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { InputError, ParameterError } from '../utils/errors.js';
import { type Camera, cameraDraws, drawCamera, unprocess } from './camera/camera.js';
import { mosaic } from './camera/mosaic.js';
import { checkColour, clamped } from './degradation.js';
import { addSensorNoise, drawNoiseLevels, type NoiseLevels } from './noise.js';
import {
  type AffineMatrix,
  composeAffine,
  type HandShake,
  handShakeMatrix,
  invertAffine,
  sampleAffine,
} from './warp-affine.js';

/** What kind of burst; the defaults are those of the NTIRE 2021 burst super-resolution protocol. */
export interface BurstSettings {
  /** Integer in [0, 2^53); the burst is a function of image, seed and settings. */
  readonly seed: number;
  /** Number of exposures, 14. */
  readonly frames?: number;
  /** Pixels of the image per pixel of a frame, 4. */
  readonly reduction?: number;
  /** Largest shift along each axis in pixels of the image, 24; 0 holds the camera still. */
  readonly maxTranslation?: number;
  /** Largest turn in degrees, 1. */
  readonly maxRotation?: number;
  /** Pixels cut off all around so that frames do not show the outside, 24. */
  readonly border?: number;
  /** Whether sensor noise is added, true. */
  readonly noise?: boolean;
}

/** One exposure. */
export interface BurstFrame {
  /** [4, h/2, w/2] RGGB in [0, 1], linear. */
  readonly raw: Tensor;
  /**
   * [2, h, w], to the right and downwards, in pixels of the frame's RGB grid: what the frame shows
   * at a pixel, the first frame shows that much further on.
   */
  readonly flow: Tensor;
  /**
   * [2, h/2, w/2], to the right and downwards, in pixels of the frame's RGB grid: how far from each
   * pixel of the packed first frame this frame shows the same, frame(p + alignment) = first(p).
   * The packed pixel (x, y) lies at (2 x + 1/2, 2 y + 1/2) of the RGB grid.
   */
  readonly alignment: Tensor;
  readonly shake: HandShake;
}

/** A burst whose frames are made when asked for; iterating makes one after the other. */
export interface SyntheticBurst extends Iterable<BurstFrame> {
  readonly length: number;
  readonly camera: Camera;
  readonly noise: NoiseLevels;
  /** @throws ParameterError where there is no such frame. */
  frame(index: number): BurstFrame;
  /**
   * What is to be recovered: [3, reduction h, reduction w] linear sensor colours without noise.
   * Pixel (x, y) of the first frame shows pixel (reduction x, reduction y).
   */
  truth(): Tensor;
}

const cameraStream = 0;
const shakeStream = 1;
const firstNoiseStream = 2;
const drawsPerShake = 3;

/**
 * Makes a hand-held RAW burst out of a finished image: unprocessed by a random camera, moved by
 * a random hand shake, reduced by sampling bilinearly without antialiasing, mosaicked and made
 * noisy. Movement and reduction are one sampling. The first frame is the reference; its grid is
 * centred by a shift of (reduction - 1) / 2, as in the protocol. Places outside the image are 0.
 *
 * @param image [3, H, W] sRGB in [0, 1]; only one linear copy of it is held.
 * @throws InputError where the image is too small for one cell of the mosaic.
 * @throws ParameterError for another shape or settings out of range.
 */
export function synthesiseBurst(image: Tensor, settings: BurstSettings): SyntheticBurst {
  checkColour(image);
  const { seed, ...chosen } = complete(settings);
  const { frames, reduction, border } = chosen;
  const [, fullHeight = 0, fullWidth = 0] = image.shape;
  const height = reducedSide(fullHeight, reduction, border);
  const width = reducedSide(fullWidth, reduction, border);
  if (height < 2 || width < 2)
    throw new InputError('image', 'too small for a burst', {
      expected: `at least ${2 * (border + reduction)} pixels a side`,
      received: `${fullWidth} x ${fullHeight}`,
    });
  const camera = drawCamera(seed, cameraStream);
  const noise = chosen.noise
    ? drawNoiseLevels(seed, cameraStream, cameraDraws.uniform, cameraDraws.normal)
    : { shot: 0, read: 0 };
  const sensor = unprocess(image, camera);
  const sampling = (shake: HandShake): AffineMatrix => {
    const centre = (reduction - 1) / 2 + border;
    const grid = [reduction, 0, centre, 0, reduction, centre];
    return composeAffine(invertAffine(handShakeMatrix(shake, fullHeight, fullWidth)), grid);
  };
  const reference = sampling(drawShake(settings, 0));
  const sides = { width: reduction * width, height: reduction * height };
  const shown = { left: border, top: border, ...sides };

  const frame = (index: number): BurstFrame => {
    if (!Number.isInteger(index) || index < 0 || index >= frames)
      throw new ParameterError('index', `an integer in [0, ${frames})`, index);
    const shake = drawShake(settings, index);
    const map = sampling(shake);
    const exposed = mosaic(sampleAffine(sensor, map, height, width));
    return {
      raw: clamped(addSensorNoise(exposed, noise, seed, firstNoiseStream + index)),
      flow: flowBetween(map, reference, reduction, height, width),
      alignment: alignmentTo(map, reference, height / 2, width / 2),
      shake,
    };
  };
  return {
    length: frames,
    camera,
    noise,
    frame,
    truth: () => cropped(sensor, shown),
    *[Symbol.iterator]() {
      for (let index = 0; index < frames; index++) yield frame(index);
    },
  };
}

/**
 * The shake of a frame: shifts uniform in [-maxTranslation, maxTranslation) pixels, turns uniform in
 * [-maxRotation, maxRotation) degrees; of frame 0 the shift that centres the reduced grid.
 */
export function drawShake(settings: BurstSettings, index: number): HandShake {
  const { seed, reduction, maxTranslation, maxRotation } = complete(settings);
  const centre = (reduction - 1) / 2;
  if (index === 0) return { x: centre, y: centre, rotation: 0 };
  const draw = (which: number, bound: number) =>
    bound * (2 * uniformAt(seed, shakeStream, drawsPerShake * index + which) - 1);
  const still = maxTranslation === 0;
  return {
    x: still ? centre : draw(0, maxTranslation),
    y: still ? centre : draw(1, maxTranslation),
    rotation: draw(2, maxRotation),
  };
}

function complete(settings: BurstSettings): Required<BurstSettings> {
  const all = {
    frames: 14,
    reduction: 4,
    maxTranslation: 24,
    maxRotation: 1,
    border: 24,
    noise: true,
    ...settings,
  };
  for (const [name, lowest] of [
    ['frames', 1],
    ['reduction', 1],
    ['border', 0],
  ] as const)
    if (!Number.isInteger(all[name]) || all[name] < lowest)
      throw new ParameterError(name, `an integer of at least ${lowest}`, all[name]);
  for (const name of ['maxTranslation', 'maxRotation'] as const)
    if (!(all[name] >= 0 && Number.isFinite(all[name])))
      throw new ParameterError(name, 'a number that is not negative', all[name]);
  return all;
}

function reducedSide(side: number, reduction: number, border: number): number {
  return 2 * Math.floor((side - 2 * border) / (2 * reduction));
}

function flowBetween(
  map: AffineMatrix,
  reference: AffineMatrix,
  reduction: number,
  height: number,
  width: number,
): Tensor {
  const difference = map.map((value, at) => (value - reference[at]!) / reduction);
  return affineField(difference, height, width);
}

function alignmentTo(
  map: AffineMatrix,
  reference: AffineMatrix,
  height: number,
  width: number,
): Tensor {
  const toFrame = composeAffine(invertAffine(map), reference);
  const difference = toFrame.map((value, at) => value - (identity[at] ?? 0));
  return affineField(composeAffine(difference, packedCentres), height, width);
}

const identity = [1, 0, 0, 0, 1, 0];
const packedCentres = [2, 0, 0.5, 0, 2, 0.5];

/** The values of a map at every pixel, [2, height, width]. */
function affineField(map: AffineMatrix, height: number, width: number): Tensor {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = map;
  const area = height * width;
  const data = new Float32Array(2 * area);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      data[y * width + x] = a * x + b * y + c;
      data[area + y * width + x] = d * x + e * y + f;
    }
  return tensor([2, height, width], data);
}
