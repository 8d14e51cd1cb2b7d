import { COST_RULE } from '../../benchmark/cost/network-cost.js';
import type { PackCost } from '../../benchmark/cost/pack-cost.js';
import { bytesText, scaled, whole } from '../models/quantities.js';
import type { CostRow, PartLayers } from './figures.js';

/** The table of a pack or network with what it is about, and the counting rule. */
export function costText(
  title: string,
  rows: readonly CostRow[],
  layers: readonly PartLayers[],
  notes: readonly string[],
): string {
  const isTimed = rows.some(({ seconds }) => seconds !== null);
  const head = ['part', 'network', 'parameters', 'MAC', 'MAC/pixel', 'memory', 'tiles'];
  const body = rows.map((row) => [
    row.part,
    row.network,
    row.parameters === null ? '' : whole(row.parameters),
    scaled(row.macs),
    scaled(row.macsPerPixel),
    row.activationBytes === null ? '' : bytesText(row.activationBytes),
    row.tile === null ? '' : `${row.tile.count} x ${row.tile.width}x${row.tile.height}`,
    ...(isTimed ? [row.seconds === null ? '' : row.seconds.toPrecision(3)] : []),
  ]);
  return [
    title,
    aligned([isTimed ? [...head, 'seconds'] : head, ...body], 2),
    ...notes,
    COST_RULE,
    ...layers.map(layersText),
  ].join('\n');
}

/** Table 9 of the paper: floating-point operations as a + b x evaluations. */
export function flopsText({ once, perEvaluation, evaluations, nfe, macs, isRough }: PackCost) {
  const tera = (value: number): string => Number(((2 * value) / 1e12).toPrecision(4)).toString();
  const about = isRough ? ' (about: an ONNX file does not tell its own work)' : '';
  return (
    `TFLOP: ${tera(once)} + ${tera(perEvaluation)} x evaluations, ` +
    `${tera(macs)} with ${evaluations} (NFE ${nfe})${about}`
  );
}

function layersText({ part, layers }: PartLayers): string {
  const rows = layers.map(({ operator, path, shape, macs, parameters, share }) => [
    operator,
    path,
    shape.join('x'),
    macs === 0 ? '' : scaled(macs),
    parameters === 0 ? '' : whole(parameters),
    macs === 0 ? '' : `${(100 * share).toFixed(2)} %`,
  ]);
  const head = ['operator', 'parameters at', 'output', 'MAC', 'parameters', 'share'];
  const title = `\n${part}, ${layers.length} operators, on one tile`;
  return `${title}\n${aligned([head, ...rows], 2)}`;
}

/** Columns side by side, the first few to the left. */
function aligned(rows: readonly (readonly string[])[], left: number): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
