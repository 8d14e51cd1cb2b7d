import { expect, test } from 'vitest';
import type { RestoreProgress } from '../../../restoration/index.js';
import { Report } from '../../report.js';
import { ProgressReporter } from './restore-report.js';

const device = { requested: 'cpu', effective: 'cpu', threads: 2, runtime: 'test' };
const at = (phase: RestoreProgress['phase'], done: number, total = 8e10): RestoreProgress => ({
  phase,
  done,
  total,
  restoring: 8e8,
  width: 512,
  height: 256,
  device,
});

function followed() {
  let said = '';
  let time = 0;
  const stderr = {
    write: (text: string) => {
      said += text;
    },
  };
  const report = new Report({ stdout: stderr, stderr });
  const follower = new ProgressReporter(report, [undefined], () => time);
  follower.begin('a.png');
  return {
    follow: (seconds: number, progress: RestoreProgress) => {
      time = seconds * 1000;
      follower.progress(progress);
    },
    said: () => said,
  };
}

test('the work is said before it begins, the time once enough of it is done', () => {
  const { follow, said } = followed();
  follow(0, at('starting', 0));
  expect(said()).toBe('a.png: to 512x256, 80 GMAC on cpu, 2 threads\n');
  follow(1, at('restoring', 7e8));
  expect(said()).not.toContain('about');
  follow(1.5, at('restoring', 1e9));
  expect(said()).toMatch(/a\.png: about 2 min 0[01] s in all\n/);
  const before = said();
  follow(3, at('sampling', 2e9));
  expect(said()).toBe(before);
});

test('no time is said of short work, nor of work that one tile was', () => {
  const short = followed();
  short.follow(0, at('starting', 0));
  short.follow(0.1, at('restoring', 4e9));
  expect(short.said()).not.toContain('about');
  const single = followed();
  single.follow(0, at('starting', 0));
  single.follow(60, at('sampling', 8e10));
  expect(single.said()).not.toContain('about');
});

test('a second restoration of the same image is told from the first', () => {
  const { follow, said } = followed();
  follow(0, at('starting', 0));
  follow(1, at('sampling', 8e10));
  follow(2, at('starting', 0, 6.2e12));
  expect(said()).toContain('a.png: once more in one piece, to 512x256, 6.2 TMAC on cpu');
});
