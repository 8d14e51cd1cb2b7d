import { type Tensor, tensor } from '../../tensor/tensor.js';

const exponent = 2.2;

// The power's slope at zero is infinite; below this no picture holds anything.
const smallest = 1e-8;

/** Display values to linear light, x^2.2, of values not below 1e-8. Any shape. */
export function expandGamma(image: Tensor): Tensor {
  return tensor(
    image.shape,
    image.data.map((value) => Math.max(value, smallest) ** exponent),
  );
}

/** Linear light to display values, x^(1/2.2), of values not below 1e-8. Any shape. */
export function compressGamma(image: Tensor): Tensor {
  return tensor(
    image.shape,
    image.data.map((value) => Math.max(value, smallest) ** (1 / exponent)),
  );
}
