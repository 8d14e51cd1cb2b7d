import { expect, test } from 'vitest';
import type { NamedMotion, RestoreFacts } from '../../../restore-files/restore-request.js';
import { summary } from './restore-report.js';

const motion = (name: string, changes: Partial<NamedMotion> = {}): NamedMotion => ({
  ...{ name: `shots/${name}`, x: 0, y: 0, degrees: 0, correlation: 1, state: 'small' },
  ...changes,
});

/** The lines about a burst of frames that moved so. */
function said(motions: readonly NamedMotion[], different: readonly string[] = []): string[] {
  const facts = {
    ...{ width: 8, height: 8, settings: { tau: 5, steps: 1, sampler: 'x' }, nfe: 2, seconds: 1 },
    ...{ device: { effective: 'cpu', threads: 1 }, seed: 0, tiles: 1, regions: { count: 1 } },
    burst: {
      ...{ used: ['shots/a'], repeated: 0, left: [], notes: [], scale: 1 },
      ...{ different, motions },
    },
  };
  return summary('out.png', facts as unknown as RestoreFacts)
    .split('\n')
    .slice(2);
}

test('the furthest shift and turn are said, and what could not be told', () => {
  const moved = motion('b', { x: 30, y: -40, degrees: -0.5, state: 'followed' });
  const unknown = motion('d', { state: 'unknown' });
  expect(said([motion('a'), moved, motion('c', { degrees: 0.25 }), unknown])).toEqual([
    'motion up to 50.0 pixels and 0.50 degrees, followed in 1 frame, not estimated of 1',
  ]);
});

test('frames of something else are named; a single frame has no motion', () => {
  expect(said([motion('a'), motion('b', { state: 'different' })], ['shots/b'])).toEqual([
    'skipped, they show another scene: b',
  ]);
  expect(said([motion('a')])).toEqual([]);
});
