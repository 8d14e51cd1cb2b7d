/** A quantity along an axis. */
export interface Axis {
  readonly logarithmic: boolean;
  /** Values at the two ends. */
  readonly from: number;
  readonly to: number;
  /** Where a value lies on the axis, as a share of its length. */
  position(value: number): number;
  readonly ticks: readonly number[];
}

/**
 * An axis that holds all values, with round ticks. A logarithmic one leaves out values that are not
 * positive.
 */
export function axisFor(values: Iterable<number>, logarithmic: boolean, ticks = 5): Axis {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value) || (logarithmic && value <= 0)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) [least, most] = logarithmic ? [0.1, 1] : [0, 1];
  return logarithmic ? logarithmicAxis(least, most, ticks) : linearAxis(least, most, ticks);
}

function linearAxis(least: number, most: number, ticks: number): Axis {
  const extent = most - least || Math.abs(most) || 1;
  const step = roundStep(extent / ticks);
  const from = Math.floor(least / step) * step;
  const to = Math.max(Math.ceil(most / step) * step, from + step);
  const count = Math.round((to - from) / step);
  return {
    logarithmic: false,
    from,
    to,
    position: (value) => (value - from) / (to - from),
    // Steps are multiples of a power of ten; the last digits are rounding.
    ticks: Array.from({ length: count + 1 }, (_, index) =>
      Number((from + index * step).toPrecision(12)),
    ),
  };
}

/** 1, 2 or 5 times a power of ten, not less than `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9))!;
  return factor * power;
}

function logarithmicAxis(least: number, most: number, ticks: number): Axis {
  const [from, to] = least === most ? [least / 2, most * 2] : [least / 1.05, most * 1.05];
  const [low, high] = [Math.log(from), Math.log(to)];
  const decades = Math.log10(to / from);
  const factors = decades > ticks ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power += 1)
    for (const factor of factors) {
      const tick = Number(`${factor}e${power}`);
      if (tick >= from && tick <= to) found.push(tick);
    }
  return {
    logarithmic: true,
    from,
    to,
    position: (value) => (Math.log(value) - low) / (high - low),
    ticks: found.length > 0 ? found : [least],
  };
}

/** A number in few characters: four digits, with k and M. */
export function shortNumber(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))} M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))} k`;
  if (size < 1e-3) return value.toExponential(2).replace(/\.?0+e/, 'e');
  return String(Number(value.toPrecision(4)));
}

/** Size and margins of a plot, in the pixels of its SVG. */
interface PlotFrame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Draws axes in a frame. Shares are those of `Axis.position`. */
export class PlotArea {
  readonly frame: PlotFrame;
  /** Size inside the margins. */
  readonly width: number;
  readonly height: number;

  constructor(frame: PlotFrame) {
    this.frame = frame;
    this.width = frame.width - frame.left - frame.right;
    this.height = frame.height - frame.top - frame.bottom;
  }

  /** Pixels from the left of the SVG. */
  x(share: number): number {
    return rounded(this.frame.left + this.width * share);
  }

  /** Pixels from the top of the SVG; 0 lies at the bottom. */
  y(share: number): number {
    return rounded(this.frame.top + this.height * (1 - share));
  }

  /** Ticks of a horizontal axis below the plot, with grid lines if wanted. */
  ticksBelow(axis: Axis, hasLines: boolean): string {
    const [top, bottom] = [this.y(1), this.y(0)];
    const ticks = axis.ticks.map((tick) => {
      const x = this.x(axis.position(tick));
      const line = `<line x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
      return `${hasLines ? line : ''}<text class="below" x="${x}" y="${bottom + 17}">${shortNumber(tick)}</text>`;
    });
    return ticks.join('');
  }

  /** Ticks of a vertical axis at the left, with grid lines. */
  ticksLeft(axis: Axis): string {
    const [left, right] = [this.x(0), this.x(1)];
    const ticks = axis.ticks.map((tick) => {
      const y = this.y(axis.position(tick));
      return `<line x1="${left}" x2="${right}" y1="${y}" y2="${y}"/><text class="left" x="${left - 8}" y="${y + 4}">${shortNumber(tick)}</text>`;
    });
    return ticks.join('');
  }
}

function rounded(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}

/** Colours of series before they repeat. */
export const COLOURS = 6;

/** Colours of series and the look of the grid behind them. */
export const plotStyle = `
:root { --series-0: #1f6feb; --series-1: #c2410c; --series-2: #15803d; --series-3: #9333ea; --series-4: #a16207; --series-5: #be185d; }
@media (prefers-color-scheme: dark) {
  :root { --series-0: #6ea8ff; --series-1: #ff9a5c; --series-2: #5fd38a; --series-3: #c79bff; --series-4: #e3bd4f; --series-5: #ff8cc0; }
}
.series-0 { --colour: var(--series-0); } .series-1 { --colour: var(--series-1); } .series-2 { --colour: var(--series-2); }
.series-3 { --colour: var(--series-3); } .series-4 { --colour: var(--series-4); } .series-5 { --colour: var(--series-5); }
.grid line { stroke: var(--rule); stroke-width: 1; }
.grid text { fill: var(--soft); font-size: 12px; }
.grid .left { text-anchor: end; } .grid .below { text-anchor: middle; }
`;
