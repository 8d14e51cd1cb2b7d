import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CancelledError, EngineError, InputError, ParameterError } from '../utils/errors.js';
import { createEngine, type Engine, type EngineOptions } from './engine.js';
import { defineJob } from './job.js';
import { alive } from './testing/processes.js';
import { testJob } from './testing/test-job.js';

/** Used by test after test: whatever one of them did to its process, the next one must work. */
const engine = createEngine();
const engines: Engine[] = [];

function engineWith(options: EngineOptions = {}): Engine {
  const engine = createEngine(options);
  engines.push(engine);
  return engine;
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

afterAll(() => engine.close());

const caught = (work: Promise<unknown>) => work.then(() => undefined).catch((error) => error);

test('a process keeps freed memory where it is asked to, unless the user says otherwise', async () => {
  const told = (options: EngineOptions) => engineWith(options).run(testJob('allocator'), null);
  expect(await told({})).not.toContain('trim_threshold');
  expect(await told({ keepFreed: true })).toContain('glibc.malloc.trim_threshold=4294967296');
  vi.stubEnv('GLIBC_TUNABLES', 'glibc.malloc.hugetlb=0');
  expect(await told({ keepFreed: true })).toBe('glibc.malloc.hugetlb=0');
  vi.unstubAllEnvs();
});

test('a job runs a graph in another process and typed arrays cross both ways', async () => {
  const x = Float32Array.from({ length: 8 * 24 * 24 }, (_, i) => Math.sin(i));
  const results = [];
  for (const threads of [1, 2])
    results.push(
      await engine.run(testJob('convolve'), {
        threads,
        channels: 8,
        size: 24,
        x,
      }),
    );
  expect(results[0]!.effective).toBe('cpu');
  expect(results[0]!.y).toBeInstanceOf(Float32Array);
  expect(results[0]!.y.some((value) => value !== 0)).toBe(true);
  expect(Buffer.from(results[0]!.y.buffer).equals(Buffer.from(results[1]!.y.buffer))).toBe(true);
  expect(await engine.run(testJob('processId'), null)).not.toBe(process.pid);
});

test('payloads keep their kinds', async () => {
  const payload = {
    map: new Map([['a', Float64Array.of(1.5)]]),
    big: 12n,
    bits: Uint16Array.of(65535),
    nothing: undefined,
  };
  expect(await engine.run(testJob('echo'), payload)).toEqual(payload);
});

test('errors of a job keep their class and fields', async () => {
  const typed = await caught(engine.run(testJob('throwsTyped'), null));
  expect(typed).toBeInstanceOf(InputError);
  expect(typed).toMatchObject({
    kind: 'input',
    code: 'file-too-large',
    message: 'a.png: is truncated',
    reason: 'is truncated',
    details: { subject: 'a.png', expected: '100 bytes', received: '7 bytes' },
    cause: { name: 'RangeError', message: 'offset 100' },
  });
  const untyped = await caught(engine.run(testJob('throwsUntyped'), null));
  expect(untyped).toBeInstanceOf(EngineError);
  expect(untyped.cause.stack).toMatch(/TypeError: a bug in the job\n.*jobs/s);
});

test('a job, module, payload or result that cannot be used is refused by name', async () => {
  expect(await caught(engine.run({ ...testJob('echo'), name: 'absent' }, null))).toMatchObject({
    code: 'job-not-found',
  });
  expect(
    await caught(engine.run(defineJob(new URL('./nowhere.js', import.meta.url), 'x'), null)),
  ).toMatchObject({ code: 'job-not-found' });
  expect(() => defineJob('./jobs.js', 'echo')).toThrow(ParameterError);
  expect(await caught(engine.run(testJob('echo'), () => {}))).toMatchObject({
    details: { subject: 'payload' },
  });
  expect(await caught(engine.run(testJob('unclonable'), null))).toMatchObject({
    code: 'not-cloneable',
  });
  expect(await engine.run(testJob('echo'), 'still works')).toBe('still works');
});

test('jobs of one process wait for each other, two processes work at once', async () => {
  const two = engineWith({ processes: 2 });
  const pids = (pool: Engine) =>
    Promise.all([1, 2, 3].map(() => pool.run(testJob('processId'), null)));
  expect(new Set(await pids(engine)).size).toBe(1);
  expect(new Set(await pids(two)).size).toBe(2);
});

test('cancelling takes effect at the next tile and the process stays for the next job', async () => {
  const controller = new AbortController();
  const seen: { tile: number; pid: number }[] = [];
  const error = await caught(
    engine.run(testJob('tiles'), null, {
      signal: controller.signal,
      onProgress: (message) => {
        seen.push(message);
        if (seen.length === 3) controller.abort();
      },
    }),
  );
  expect(error).toBeInstanceOf(CancelledError);
  expect(seen.slice(0, 3).map(({ tile }) => tile)).toEqual([0, 1, 2]);
  expect(await engine.run(testJob('processId'), null)).toBe(seen[0]!.pid);
});

test('a job that ends early with a result keeps it', async () => {
  const controller = new AbortController();
  const result = engine.run(testJob('endsEarly'), null, {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  expect(await result).toBe('kept what was done');
});

test('a job that does not answer is killed after the grace period', async () => {
  const engine = engineWith({ graceMs: 1e6 });
  const controller = new AbortController();
  let report: (pid: number) => void = () => {};
  const blocked = new Promise<number>((resolve) => {
    report = resolve;
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const ended = caught(
    engine.run(testJob('blocks'), null, {
      signal: controller.signal,
      onProgress: (message) => {
        controller.abort();
        report(message.pid);
      },
    }),
  );
  const pid = await blocked;
  vi.advanceTimersByTime(999_999);
  expect(alive(pid)).toBe(true);
  vi.advanceTimersByTime(1);
  vi.useRealTimers();
  expect(await ended).toBeInstanceOf(CancelledError);
  expect(alive(pid)).toBe(false);
  expect(await engine.run(testJob('processId'), null)).not.toBe(pid);
});

test('a job cancelled before its turn never runs', async () => {
  const controller = new AbortController();
  const first = engine.run(testJob('echo'), 1);
  let reported = false;
  const second = engine.run(testJob('tiles'), null, {
    signal: controller.signal,
    onProgress: () => {
      reported = true;
    },
  });
  controller.abort();
  expect(await caught(second)).toBeInstanceOf(CancelledError);
  expect(await first).toBe(1);
  expect(await engine.run(testJob('echo'), 3)).toBe(3);
  expect(reported).toBe(false);
  expect(
    await caught(engine.run(testJob('echo'), 4, { signal: AbortSignal.abort() })),
  ).toBeInstanceOf(CancelledError);
});

test('an exception from onProgress stops the job and reaches the caller', async () => {
  const error = new Error('the caller is unhappy');
  const running = engine.run(testJob('tiles'), null, {
    onProgress: () => {
      throw error;
    },
  });
  expect(await caught(running)).toBe(error);
  expect(await engine.run(testJob('echo'), 1)).toBe(1);
});

test.each([
  ['exits', { exitCode: 7 }],
  ['aborts', { signal: 'SIGABRT' }],
  ['killed', { signal: 'SIGKILL' }],
] as const)(
  'a process that %s fails its job with the reason, and the next call works',
  async (name, details) => {
    const error = await caught(engine.run(testJob(name), null));
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: 'process-ended', details });
    expect(await engine.run(testJob('echo'), 'next')).toBe('next');
  },
);

test('signals of the terminal do not reach the job', async () => {
  expect(await engine.run(testJob('interrupted'), null)).toBe('still here');
});

test('closing cancels what runs and waits, and leaves no process', async () => {
  const engine = createEngine({ processes: 1, graceMs: 200 });
  let pid = 0;
  const started = new Promise<void>((resolve) => {
    engine
      .run(testJob('blocks'), null, {
        onProgress: (message) => {
          pid = message.pid;
          resolve();
        },
      })
      .catch((error) => errors.push(error));
  });
  const errors: unknown[] = [];
  await started;
  const waiting = caught(engine.run(testJob('echo'), 1));
  await engine.close();
  expect(errors[0]).toBeInstanceOf(CancelledError);
  expect(await waiting).toBeInstanceOf(CancelledError);
  expect(alive(pid)).toBe(false);
  await expect(engine.run(testJob('echo'), 1)).rejects.toMatchObject({ code: 'engine-closed' });
});

test('closing ends an idle process', async () => {
  const engine = createEngine();
  const pid = await engine.run(testJob('processId'), null);
  expect(alive(pid)).toBe(true);
  await engine.close();
  expect(alive(pid)).toBe(false);
});

test('an idle process that was killed from outside is replaced', async () => {
  const pid = await engine.run(testJob('processId'), null);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => alive(pid)).toBe(false);
  expect(await engine.run(testJob('processId'), null)).not.toBe(pid);
});

test('a job that is given to an idle process in the moment of its death runs in another', async () => {
  const pid = await engine.run(testJob('processId'), null);
  process.kill(pid, 'SIGKILL');
  expect(await engine.run(testJob('processId'), null)).not.toBe(pid);
});

test.each([{ processes: 0 }, { graceMs: -1 }, { graceMs: Number.NaN }])(
  'options out of range are refused: %o',
  (options) => {
    expect(() => createEngine(options)).toThrow(ParameterError);
  },
);
