import { expect, test } from 'vitest';
import { formatDuration, Progress } from './progress.js';

function recorder(isTTY: boolean) {
  const written: string[] = [];
  const clock = { time: 0 };
  const stream = { isTTY, columns: 60, write: (text: string) => written.push(text) };
  return { written, clock, stream, now: () => clock.time };
}

test('a log gets one line per five seconds, with the share done and the time left', () => {
  const { written, clock, stream, now } = recorder(false);
  const progress = new Progress({ stream, label: 'tiles', total: 100, now });
  for (let done = 1; done <= 11; done++) {
    clock.time += 1000;
    progress.update(done);
  }
  expect(written).toEqual(['tiles: 5 %, 1 min 35 s left\n', 'tiles: 10 %, 1 min 30 s left\n']);
});

test('the estimate follows the speed of the last half minute', () => {
  const { written, clock, stream, now } = recorder(false);
  const progress = new Progress({ stream, label: 'steps', total: 100, now });
  clock.time = 600_000;
  progress.update(1);
  for (let done = 2; done <= 50; done++) {
    clock.time += 1000;
    progress.update(done, 'loss 0.1');
  }
  expect(written.at(-1)).toMatch(/^steps: 4\d %, 5\d s left, loss 0\.1\n$/);
});

test('a terminal gets one line drawn in place, never wider than the terminal', () => {
  const { written, clock, stream, now } = recorder(true);
  const progress = new Progress({ stream, label: 'restoring', total: 4, now });
  clock.time = 1000;
  progress.update(1, 'a note far too long for the width of this terminal');
  clock.time = 1050;
  progress.update(2);
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/^\rrestoring \[#{6}-{18}\] 25 %, 3 s left/);
  expect(written[0]!.replace(/^\r/, '').replace('\x1b[K', '')).toHaveLength(59);
  progress.clear();
  progress.clear();
  expect(written.slice(1)).toEqual(['\r\x1b[K']);
});

test('no time left is claimed before anything is done', () => {
  const { written, clock, stream, now } = recorder(false);
  const progress = new Progress({ stream, label: 'tiles', total: 10, now });
  clock.time = 6000;
  progress.update(0);
  expect(written).toEqual(['tiles: 0 %\n']);
});

test.each([
  [0, '0 s'],
  [7_100, '8 s'],
  [65_000, '1 min 05 s'],
  [3_599_500, '1 h 00 min'],
  [9_000_000, '2 h 30 min'],
])('%i ms reads %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
