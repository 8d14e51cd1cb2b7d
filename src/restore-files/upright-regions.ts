import { type Orientation, turnOf } from '../images/orientation.js';
import type { Span, Tile } from '../restoration/index.js';

/** Positions of regions of a stored image in the upright one. */
interface UprightRegions {
  /** The stored regions, in the order in which the upright image needs them: top to bottom. */
  readonly inOrder: readonly Tile[];
  /** Position and weights of each in the upright image, in the same order. */
  readonly upright: ReadonlyMap<Tile, Tile>;
}

/** @param size of the stored image. */
export function uprightRegions(
  regions: readonly Tile[],
  orientation: Orientation,
  { height, width }: { readonly height: number; readonly width: number },
): UprightRegions {
  const { transposed, rowsBackwards, columnsBackwards } = turnOf(orientation);
  const pairs = regions.map((region): [Tile, Tile] => {
    const rows = rowsBackwards ? backwards(region.rows, height) : region.rows;
    const columns = columnsBackwards ? backwards(region.columns, width) : region.columns;
    const { index } = region;
    return [
      region,
      transposed ? { index, rows: columns, columns: rows } : { index, rows, columns },
    ];
  });
  pairs.sort(([, a], [, b]) => a.rows.start - b.rows.start || a.columns.start - b.columns.start);
  return { inOrder: pairs.map(([region]) => region), upright: new Map(pairs) };
}

function backwards({ start, length, weights }: Span, extent: number): Span {
  return { start: extent - start - length, length, weights: weights.slice().reverse() };
}
