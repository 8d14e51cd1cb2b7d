/** The middle of some numbers, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('there is no median of no numbers');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What one side took, in milliseconds. */
export interface Timing {
  readonly median: number;
  readonly minimum: number;
  readonly repetitions: number;
}

export function timing(rounds: readonly (readonly number[])[]): Timing {
  const times = rounds.flat();
  return { median: median(times), minimum: Math.min(...times), repetitions: times.length };
}

/** How many times as fast the first side was, in the median and at either end of the rounds. */
export interface Ratio {
  readonly ofMedians: number;
  readonly lowestRound: number;
  readonly highestRound: number;
}

/** Rounds are pairs taken one right after the other, so that a slow spell of the machine hits both. */
export function ratio(
  ours: readonly (readonly number[])[],
  theirs: readonly (readonly number[])[],
): Ratio {
  const byRound = ours.map((times, round) => median(theirs[round]!) / median(times));
  return {
    ofMedians: median(theirs.flat()) / median(ours.flat()),
    lowestRound: Math.min(...byRound),
    highestRound: Math.max(...byRound),
  };
}
