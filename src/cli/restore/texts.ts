import { basename } from 'node:path';
import type { BurstFacts, RestoreFacts } from '../../app/restore/restore-request.js';
import type { ResultPaths } from '../../app/restore/samples/samples.js';
import type { RestoreProgress } from '../../restoration/index.js';

/** What is said before a restoration begins. */
export function announcement({ width, height, total, device }: RestoreProgress): string {
  return `to ${width}x${height}, ${amount(total)} on ${device.effective}, ${threads(device.threads)}`;
}

/**
 * What is said of a restoration that is done.
 * @param paths of its files.
 */
export function summary(
  output: string,
  facts: RestoreFacts,
  paths: ResultPaths = { samples: [] },
): string {
  const { width, height, settings, nfe, device, seconds, seed, tiling, swapped, burst } = facts;
  const lines = [
    `${output}: ${width}x${height} in ${seconds.toFixed(1)} s on ${device.effective}` +
      ` (${threads(device.threads)}), tau ${settings.tau}, ${settings.steps} steps` +
      ` (${settings.sampler}, NFE ${nfe}), seed ${seed}, ${pieces(facts)}`,
  ];
  lines.push(...sampleLines(facts, paths));
  if (burst !== undefined) lines.push(...frameLines(burst));
  if (swapped !== undefined) {
    const modules = Object.entries(swapped).map(([role, file]) => `${role} ${file}`);
    lines.push(`modules not of the pack: ${modules.join(', ')}`);
  }
  if (tiling !== undefined)
    lines.push(
      `tiled against whole: largest difference ${(tiling.maximum * 255).toFixed(4)},` +
        ` rms ${(tiling.rms * 255).toFixed(5)} of 255`,
    );
  return lines.join('\n');
}

function sampleLines({ uncertainty, seed }: RestoreFacts, paths: ResultPaths): string[] {
  const lines: string[] = [];
  const { length } = paths.samples;
  if (length > 0)
    lines.push(
      `seeds ${seed} to ${seed + length - 1}: ${paths.samples[0]!} to ${basename(paths.samples.at(-1)!)}`,
    );
  if (uncertainty === undefined) return lines;
  const { of, mean, maximum, white } = uncertainty;
  const of255 = (deviation: number) => (255 * deviation).toFixed(2);
  lines.push(
    `mean of ${of} samples; ${paths.uncertainty}: their standard deviation, ${of255(mean)} of 255` +
      ` on average, at most ${of255(maximum)}; white is ${of255(white)}`,
  );
  return lines;
}

function pieces({ tiles, regions }: RestoreFacts): string {
  const counted = `${tiles} tile${tiles === 1 ? '' : 's'}`;
  if (regions.count === 1) return counted;
  return `${counted} in ${regions.count} regions${regions.exact ? '' : ', blended'}`;
}

function frameLines(burst: BurstFacts): string[] {
  const { used, repeated, left, different, notes, scale } = burst;
  const count = `${used.length} frame${used.length === 1 ? '' : 's'}`;
  const lines = [`scale ${scale} from ${count}, reference ${basename(used[0]!)}`];
  if (repeated > 0)
    lines.push(
      `the reference fills ${repeated} more place${repeated === 1 ? '' : 's'} of the network`,
    );
  if (left.length > 0)
    lines.push(`left out as less sharp: ${left.map((name) => basename(name)).join(', ')}`);
  if (different.length > 0)
    lines.push(
      `left out, they do not show the same: ${different.map((name) => basename(name)).join(', ')}`,
    );
  lines.push(...motionLine(burst));
  return [...lines, ...notes.map((note) => `note: ${note}`)];
}

/** What moved furthest, and what could not be told; nothing of a single frame. */
function motionLine({ motions }: BurstFacts): string[] {
  const others = motions.slice(1).filter(({ state }) => state !== 'different');
  const known = others.filter(({ state }) => state !== 'unknown');
  if (others.length === 0) return [];
  if (known.length === 0) return ['motion not estimated: frames too small or without detail'];
  const shift = Math.max(...known.map(({ x, y }) => Math.hypot(x, y)));
  const turn = Math.max(...known.map(({ degrees }) => Math.abs(degrees)));
  const followed = known.filter(({ state }) => state === 'followed').length;
  const uncertain = others.length - known.length;
  return [
    `motion up to ${shift.toFixed(1)} pixels and ${turn.toFixed(2)} degrees,` +
      ` followed in ${followed} frame${followed === 1 ? '' : 's'}` +
      `${uncertain === 0 ? '' : `, not estimated of ${uncertain}`}`,
  ];
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, 'TMAC'],
  [1e9, 'GMAC'],
  [1e6, 'MMAC'],
];

/** Multiply-adds in the unit that suits them, to three digits. */
function amount(macs: number): string {
  const [size, unit] = UNITS.find(([least]) => macs >= least) ?? UNITS.at(-1)!;
  return `${Number((macs / size).toPrecision(3))} ${unit}`;
}

function threads(count: number): string {
  return `${count} thread${count === 1 ? '' : 's'}`;
}
