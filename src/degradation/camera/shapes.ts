import { ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';

/** @throws ParameterError where the picture is not [3, height, width]. */
export function checkColour(image: Tensor): void {
  if (image.shape.length !== 3 || image.shape[0] !== 3)
    throw new ParameterError('image', 'a tensor [3, height, width]', image.shape);
}

/** @throws ParameterError where a number is not finite and above zero. */
export function checkPositive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!(value > 0 && Number.isFinite(value)))
      throw new ParameterError(name, 'a positive number', value);
}
