import { csvCell } from '../../files/csv.js';
import type { CostRow, PartLayers } from './figures.js';

/** Parts and sums, one a line, as RFC 4180 has it but for the last line's end. */
export function csvOfRows(rows: readonly CostRow[]): string {
  const head =
    'part,network,per,parameters,macs,macs_per_pixel,activation_bytes,tile_width,tile_height,tiles,seconds';
  const lines = rows.map(({ tile, ...row }) => [
    ...[row.part, row.network, row.per, row.parameters, row.macs, row.macsPerPixel],
    ...[row.activationBytes, tile?.width, tile?.height, tile?.count, row.seconds],
  ]);
  return joined(head, lines);
}

/** Operators, one a line. */
export function csvOfLayers(parts: readonly PartLayers[]): string {
  const lines = parts.flatMap(({ part, layers }) =>
    layers.map(({ operator, path, shape, macs, parameters, share }) => [
      ...[part, operator, path, shape.join('x'), macs, parameters, share],
    ]),
  );
  return joined('part,operator,path,shape,macs,parameters,share', lines);
}

type Cell = string | number | null | undefined;

function joined(head: string, lines: readonly (readonly Cell[])[]): string {
  return [head, ...lines.map((cells) => cells.map(csvCell).join(','))].join('\r\n');
}
