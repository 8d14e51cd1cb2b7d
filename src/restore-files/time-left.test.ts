import { expect, test } from 'vitest';
import type { RestoreProgress } from '../restoration/index.js';
import { type Calibration, type ImageWork, TimeLeft } from './time-left.js';

const device = { requested: 'cpu', effective: 'cpu', threads: 2, runtime: 'test' };

/** How a made-up machine works. */
interface Machine {
  /** Milliseconds for a multiply-add of each kind. */
  readonly speed: Calibration;
  /** Milliseconds for opening an image, for compiling each graph, and for writing a result. */
  readonly open: number;
  readonly compile: number;
  readonly write: number;
}

/** An image in equal tiles. */
interface Image extends ImageWork {
  readonly tiles: number;
  readonly steps: number;
}

/**
 * Restores images on a made-up machine and tells, for every message, how much of the time had
 * passed and how far the time left was from the truth, as a part of it.
 */
function errors(
  machine: Machine,
  images: readonly Image[],
  { calibration, known = true }: { calibration?: Calibration; known?: boolean } = {},
): { passed: number; error: number }[] {
  let time = 0;
  const told: { time: number; left: number }[] = [];
  const left = new TimeLeft(known ? images : images.map(() => undefined), () => time);
  const note = (): void => {
    if (left.left !== undefined) told.push({ time, left: left.left });
  };
  for (const [index, { restoring, sampling, tiles, steps }] of images.entries()) {
    left.begin(index);
    note();
    time += machine.open;
    const total = restoring + sampling;
    let done = 0;
    const tell = (phase: RestoreProgress['phase']): void => {
      const speeds = index === 0 && phase === 'starting' ? { calibration } : {};
      left.update({ phase, done, total, restoring, width: 8, height: 8, device, ...speeds });
      note();
    };
    tell('starting');
    const run = (kind: keyof ImageWork, macs: number, isFirst: boolean): void => {
      done += macs;
      time += macs * machine.speed[kind] + (isFirst ? machine.compile : 0);
      tell(kind);
    };
    for (let tile = 0; tile < tiles; tile += 1) run('restoring', restoring / tiles, tile === 0);
    for (let step = 0; step < steps * tiles; step += 1)
      run('sampling', sampling / tiles / steps, step === 0);
    time += machine.write;
    left.end(true);
    note();
  }
  return told
    .filter((each) => each.time < time)
    .map((each) => ({
      passed: each.time / time,
      error: Math.abs(each.left - (time - each.time)) / (time - each.time),
    }));
}

const usual: Machine = {
  speed: { restoring: 2, sampling: 1 },
  open: 300,
  compile: 400,
  write: 200,
};
const image: Image = { restoring: 300, sampling: 10_000, tiles: 1, steps: 10 };
/** From the first tenth on, as long as something like a hundredth is left. */
const worst = (told: ReturnType<typeof errors>): number =>
  Math.max(
    ...told.filter(({ passed }) => passed >= 0.1 && passed < 0.99).map((each) => each.error),
  );

test('after the first tenth the time left is right within a fifth: one image in tiles', () => {
  expect(worst(errors(usual, [{ ...image, tiles: 6, sampling: 60_000 }]))).toBeLessThan(0.2);
});

test('many images of different sizes, where opening and writing count', () => {
  const images = Array.from({ length: 30 }, (_, index) => {
    const scale = 0.1 + ((7 * index) % 11) / 5;
    return { ...image, restoring: 300 * scale, sampling: 10_000 * scale };
  });
  expect(worst(errors(usual, images))).toBeLessThan(0.2);
  const slow = { ...usual, open: 3000, write: 2000 };
  expect(
    worst(
      errors(
        slow,
        images.map((own) => ({ ...own, steps: 4 })),
      ),
    ),
  ).toBeLessThan(0.2);
});

test('images whose work is not known count like the others', () => {
  const images = Array.from({ length: 10 }, () => image);
  const told = errors(usual, images);
  const some = new TimeLeft([image, undefined], () => 0);
  expect(some.left).toBeUndefined();
  expect(worst(told)).toBeLessThan(0.2);
});

test('a restoration network that takes most of the work needs the calibration', () => {
  const heavy: Image = { restoring: 60_000, sampling: 60_000, tiles: 12, steps: 5 };
  const machine = { ...usual, speed: { restoring: 1, sampling: 4 } };
  expect(worst(errors(machine, [heavy]))).toBeGreaterThan(0.2);
  // Measured on a small piece, where everything is slower by a half.
  const calibration = { restoring: 1.5, sampling: 6 };
  const told = errors(machine, [heavy], { calibration });
  expect(worst(told)).toBeLessThan(0.2);
  expect(told[0]!.passed).toBeLessThan(0.01);
});

test('a machine that becomes slower is believed after a while', () => {
  let time = 0;
  const left = new TimeLeft([undefined], () => time);
  left.begin(0);
  const total = 1_000_000;
  const tell = (phase: RestoreProgress['phase'], done: number): void =>
    left.update({ phase, done, total, restoring: 0, width: 8, height: 8, device });
  tell('starting', 0);
  for (let done = 1000; done <= 300_000; done += 1000) {
    time += done <= 100_000 ? 1000 : 3000;
    tell('sampling', done);
  }
  expect(left.left! / (700 * 3000)).toBeCloseTo(1, 1);
  expect(left.share).toBeGreaterThan(0.2);
});

test('time passes between messages as well', () => {
  let time = 0;
  const left = new TimeLeft([{ restoring: 0, sampling: 100 }], () => time);
  left.begin(0);
  const at = (done: number) => ({ done, total: 100, restoring: 0, width: 8, height: 8, device });
  left.update({ phase: 'starting', ...at(0) });
  expect(left.left).toBeUndefined();
  time = 10;
  left.update({ phase: 'sampling', ...at(10) });
  expect(left.left).toBe(90);
  time = 14;
  expect(left.left).toBe(86);
  time = 1000;
  expect(left.left).toBe(0);
});
