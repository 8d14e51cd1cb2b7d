import sharp from 'sharp';
import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { decodeImageBytes } from './decode.js';
import { type Orientation, turnUpright } from './orientation.js';

const [height, width] = [3, 5];
const samples = Uint8Array.from({ length: 3 * height * width }, (_, place) => (place * 37) % 256);

/** An image that says how it is to be turned. */
function stored(orientation: number): Promise<Buffer> {
  return sharp(samples, { raw: { width, height, channels: 3 } })
    .withMetadata({ orientation })
    .png()
    .toBuffer();
}

test.each([1, 2, 3, 4, 5, 6, 7, 8] as Orientation[])(
  'orientation %i turns pixels as a decoder does that obeys it',
  async (orientation) => {
    const upright = await decodeImageBytes(await stored(orientation));
    const plain = await decodeImageBytes(await stored(1));
    expect(turnUpright(plain.tensor, orientation)).toEqual(upright.tensor);
  },
);

test('a turn keeps the planes apart', () => {
  const turned = turnUpright(tensor([2, 1, 3], [1, 2, 3, 4, 5, 6]), 6);
  expect(turned).toEqual(tensor([2, 3, 1], [1, 2, 3, 4, 5, 6]));
});
