import { fillNormalImage } from '../tensor/image-noise.js';
import { tensor } from '../tensor/tensor.js';
import { checkColour } from './camera/shapes.js';
import type { Degradation } from './degradation.js';
import { drawLogUniform, drawUniform, seedAt } from './place.js';
import { roundToBytes } from './round-to-bytes.js';
import type { NoiseSettings, Range } from './settings.js';

/**
 * Adds normal noise of variance sigma^2 + shot * value, sigma and shot drawn once per picture.
 * Values below zero have the variance of zero.
 */
export function noise({ sigma, shot, law, round }: NoiseSettings): Degradation {
  return {
    name: 'noise',
    scale: 1,
    margin: 0,
    apply: (picture, place) => {
      checkColour(picture);
      const seed = seedAt(place);
      const draw = (range: Range, index: number) =>
        (law === 'uniform' ? drawUniform : drawLogUniform)(range, seed, 0, index);
      const constant = draw(sigma, 0) ** 2;
      const perSignal = draw(shot, 1);
      const [channels = 0, height = 0, width = 0] = picture.shape;
      const result = new Float32Array(picture.data.length);
      fillNormalImage(result, { seed, stream: 1, channels, top: 0, left: 0, height, width });
      for (let at = 0; at < result.length; at++) {
        const value = picture.data[at]!;
        result[at] = value + result[at]! * Math.sqrt(constant + perSignal * Math.max(value, 0));
      }
      return tensor(picture.shape, round ? roundToBytes(result) : result);
    },
  };
}
