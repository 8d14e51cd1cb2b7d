import { ParameterError } from '../../../tensor/errors.js';
import { apply, type Operator, type Value, type ValueType } from '../../value.js';

/** The domain of ONNX Runtime's own operators on blocked channels. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

const enter: Operator<null> = {
  name: 'blockChannels',
  infer: ([x]) => requirePicture('blockChannels', x!),
  lower: (emitter, inputs) => emitter.node('ReorderInput', inputs, {}, BLOCKED_DOMAIN),
};

const leave: Operator<null> = {
  name: 'unblockChannels',
  infer: ([x]) => requirePicture('unblockChannels', x!),
  lower: (emitter, inputs, { shape }) =>
    emitter.node('ReorderOutput', inputs, { channels: { int: shape[1]! } }, BLOCKED_DOMAIN),
};

/**
 * [N, C, H, W] with the channels of a block next to each other in memory, [N, C / b, H, W, b],
 * still described as [N, C, H, W]. The size b of a block is the processor's; C is a multiple of it.
 */
export function blockChannels(x: Value): Value {
  return apply(enter, [x], null);
}

/** The inverse of `blockChannels`. */
export function unblockChannels(x: Value): Value {
  return apply(leave, [x], null);
}

function requirePicture(name: string, { shape, dataType }: ValueType): ValueType {
  if (shape.length !== 4 || dataType !== 'float32')
    throw new ParameterError(name, 'a float32 value [N, C, H, W]', `${dataType} [${shape}]`);
  return { shape, dataType };
}
