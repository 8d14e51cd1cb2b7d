import { type ParameterScope, type Value, add } from '../../graph/index.js';
import { convolution } from '../layers.js';
import { attentionUnit } from './attention-unit.js';
import type { MirnetConfig } from './configuration.js';
import { downSample, upSample } from './resizing.js';
import { selectiveFusion } from './selective-fusion.js';

/**
 * The multi-scale residual block: columns of attention units on several scales, every scale fed
 * from all of them between two columns, and all fused at the finest scale [N, features, H, W].
 *
 * As in the reference, the columns of a scale are one unit used again, with the first column's
 * weights.
 * @param slope of the units' rectifiers.
 */
export function multiScaleBlock(
  config: MirnetConfig,
  scope: ParameterScope,
  x: Value,
  slope: Value,
): Value {
  const scales = Array.from({ length: config.scales }, (_, scale) => scale);
  const unit = (scale: number, input: Value): Value =>
    attentionUnit(scope.child(`blocks.${scale}.0`), input, slope);
  const fuse = (scale: number, branches: readonly Value[]): Value =>
    selectiveFusion(scope.child(`selective_kernel.${scale}`), branches);

  let rows: Value[] = [];
  for (const scale of scales) {
    const above = rows[scale - 1];
    rows.push(unit(scale, above === undefined ? x : moved(scope, above, scale - 1, scale)));
  }
  const mesh = (known: readonly Value[]): Value[] =>
    scales.map((scale) =>
      fuse(
        scale,
        known.map((row, from) => moved(scope, row, from, scale)),
      ),
    );
  // A block of one column has the parameters of the mesh, too, and leaves them unused.
  if (config.columns === 1) mesh(rows);
  for (let column = 1; column < config.columns; column += 1)
    rows = mesh(rows).map((row, scale) => unit(scale, row));
  const finest = rows.map((row, scale) =>
    scale === 0 ? row : upSample(scope.child(`last_up.${scale}`), row, scale),
  );
  const { features: filters, bias } = config;
  const fused = convolution(scope.child('conv_out'), fuse(0, finest), { filters, bias });
  return add(fused, x);
}

/** Features of one scale brought to another. */
function moved(scope: ParameterScope, x: Value, from: number, to: number): Value {
  const steps = Math.abs(to - from);
  const name = `${x.shape[1]}_${2 ** steps}`;
  if (steps === 0) return x;
  return to > from
    ? downSample(scope.child(`down.${name}`), x, steps)
    : upSample(scope.child(`up.${name}`), x, steps);
}
