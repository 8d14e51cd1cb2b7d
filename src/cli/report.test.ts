import { expect, test, vi } from 'vitest';
import { ParameterError } from '../utils/errors.js';
import { Report, type ReportOptions } from './report.js';

function spoken(options: ReportOptions, speak: (report: Report) => void, isTTY = false) {
  const out: string[] = [];
  const err: string[] = [];
  const stdout = { write: (text: string) => out.push(text) };
  const stderr = { isTTY, write: (text: string) => err.push(text) };
  speak(new Report({ stdout, stderr }, options));
  return { out: out.join(''), err: err.join('') };
}

test('results go to stdout, everything else to stderr', () => {
  const { out, err } = spoken({}, (report) => {
    report.message('reading');
    report.warning('clipped');
    report.result({ width: 4 }, '4 pixels wide');
  });
  expect(out).toBe('4 pixels wide\n');
  expect(err).toBe('reading\nwarning: clipped\n');
});

test('--json prints one document per line', () => {
  const { out } = spoken({ json: true }, (report) => {
    report.result({ width: 4 }, 'unused');
    report.result([1], 'unused');
  });
  expect(out).toBe('{"width":4}\n[1]\n');
});

test('--quiet drops messages and progress but neither warnings nor results', () => {
  const { out, err } = spoken(
    { quiet: true },
    (report) => {
      report.message('reading');
      report.progress('tiles', 2).update(1);
      report.warning('clipped');
      report.result(1, 'one');
    },
    true,
  );
  expect(out).toBe('one\n');
  expect(err).toBe('warning: clipped\n');
});

test('a failure names what is wrong, in both forms, and gives its exit code', () => {
  const codes: number[] = [];
  const { out, err } = spoken({ json: true }, (report) => {
    codes.push(report.failure(new ParameterError('--steps', 'a positive integer', '0')));
  });
  expect(codes).toEqual([2]);
  expect(err).toBe('error: --steps: expected a positive integer, received "0"\n');
  expect(JSON.parse(out)).toEqual({
    error: {
      kind: 'usage',
      code: 'invalid-parameter',
      message: '--steps: expected a positive integer, received "0"',
      details: { subject: '--steps', expected: 'a positive integer', received: '"0"' },
      exitCode: 2,
    },
  });
});

test('an unforeseen error is one line, with its stack only where that is asked for', () => {
  const fail = (report: Report) => void report.failure(new TypeError('x is not a function'));
  expect(spoken({}, fail).err).toMatch(/^error: .* report this: TypeError: x is not a function\n$/);
  vi.stubEnv('DP_IR_STACK', '1');
  expect(spoken({}, fail).err).toContain('TypeError: x is not a function\n    at ');
  vi.unstubAllEnvs();
});

test('control characters reach no terminal', () => {
  const speak = (report: Report): void => {
    report.message('a\u001b[2Jb.png');
    report.progress('a\u001b[2Jb.png', 1).update(1);
  };
  expect(spoken({}, speak, true).err).toMatch(/^a\\u001b\[2Jb.png\n\ra\\u001b\[2Jb.png \[#/);
  expect(spoken({}, speak).err).toBe('a\u001b[2Jb.png\n');
});

test('a message first takes the bar off a terminal', () => {
  const { err } = spoken(
    {},
    (report) => {
      report.progress('tiles', 2).update(1);
      report.message('done');
    },
    true,
  );
  expect(err).toMatch(/^\rtiles /);
  expect(err.endsWith('\r\x1b[Kdone\n')).toBe(true);
});
