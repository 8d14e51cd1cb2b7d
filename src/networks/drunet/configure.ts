import type { StateShapes } from '../network.js';
import { countLayers, shapeOf } from '../state-shapes.js';

/**
 * DRUNet's constructor arguments from a state dictionary. Shapes do not tell `act_mode`: it is left
 * at ReLU, which all published weights have.
 */
export function configureDrunet(state: StateShapes): Record<string, unknown> | undefined {
  const head = shapeOf(state, 'm_head.weight', 4);
  const tail = shapeOf(state, 'm_tail.weight', 4);
  if (head === undefined || tail === undefined) return undefined;
  const block = (level: number, index: number): string =>
    `m_down${level + 1}.${index}.res.0.weight`;
  const levels = countLayers(state, (level) => block(level, 0));
  const blocks = countLayers(state, (index) => block(0, index));
  const fine = Array.from({ length: levels }, (_, level) => state.get(block(level, 0))![0]);
  // The reference makes no sequence of a single block.
  const body = blocks === 1 ? 'm_body' : 'm_body.0';
  const coarse = shapeOf(state, `${body}.res.0.weight`, 4)?.[0];
  if (levels === 0 || coarse === undefined) return undefined;
  return {
    in_nc: head[1],
    out_nc: tail[0],
    nc: [...fine, coarse],
    nb: blocks,
    act_mode: 'R',
    downsample_mode: state.has(`m_down1.${blocks}.weight`) ? 'strideconv' : 'avgpool',
    upsample_mode: upsampling(state),
    bias: state.has('m_head.bias'),
  };
}

/** A transposed convolution has kernels of two pixels, those of the other ways have three. */
function upsampling(state: StateShapes): string {
  const first = shapeOf(state, 'm_up1.0.weight', 4);
  if (first === undefined) return 'upconv';
  return first[2] === 2 ? 'convtranspose' : 'pixelshuffle';
}
