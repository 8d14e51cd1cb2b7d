import { expect, test } from 'vitest';
import { ModelError } from '../utils/errors.js';
import { type CliCommand, type CommandContext, exitCodes } from './command.js';
import { runCli } from './run.js';

/** Runs one command with output kept; `seen` is what the command received. */
async function run(
  argv: readonly string[],
  work: NonNullable<CliCommand['run']> = async () => exitCodes.done,
  signal = new AbortController().signal,
) {
  const out: string[] = [];
  const err: string[] = [];
  const seen: CommandContext[] = [];
  const restore: CliCommand = {
    name: 'restore',
    configure: (command) =>
      command.argument('[extra]', 'a file').option('--steps <n>', 'steps').option('--no-tiles'),
    run: (context) => {
      seen.push(context);
      return work(context);
    },
  };
  const group: CliCommand = {
    name: 'train',
    configure: (command) => command.description('trains'),
    subcommands: [restore],
  };
  const streams = {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  };
  const code = await runCli([restore, group], argv, streams, signal);
  return { code, out: out.join(''), err: err.join(''), seen };
}

test('a command receives its arguments and options, wherever global ones stand', async () => {
  const { code, seen } = await run(['restore', 'a.png', '--steps', '5', '--no-tiles', '--json']);
  expect(code).toBe(0);
  expect(seen[0]!.arguments).toEqual(['a.png']);
  expect(seen[0]!.options).toEqual({ steps: '5', tiles: false, json: true });
  expect((await run(['--json', 'restore'])).seen[0]!.options).toMatchObject({ json: true });
});

test('a command of a group is found below it', async () => {
  const { code, seen } = await run(['train', 'restore', '--steps', '3']);
  expect(code).toBe(0);
  expect(seen[0]!.options).toMatchObject({ steps: '3' });
});

test('the exit code is what the command says or what its error means', async () => {
  expect((await run(['restore'], async () => exitCodes.failed)).code).toBe(1);
  const { code, err } = await run(['restore'], async () => {
    throw new ModelError('sr4', 'weights are missing');
  });
  expect({ code, err }).toEqual({ code: 3, err: 'error: sr4: weights are missing\n' });
});

test('whatever fails after an interrupt counts as interrupted', async () => {
  const { code } = await run(
    ['restore'],
    async () => {
      throw new Error('a child died');
    },
    AbortSignal.abort(),
  );
  expect(code).toBe(130);
});

test.each([
  [['restore', '--stesp', '5'], "unknown option '--stesp'\n(Did you mean --steps?)"],
  [['restore', '--steps'], "option '--steps <n>' argument missing"],
  [['restor'], "unknown command 'restor'\n(Did you mean restore?)"],
  [['restore', 'a', 'b'], "too many arguments for 'restore'. Expected 1 argument but got 2"],
])('%j exits with 2 and says what is wrong', async (argv, message) => {
  const { code, out, err, seen } = await run(argv);
  expect({ code, out, seen }).toEqual({ code: 2, out: '', seen: [] });
  expect(err).toContain(message);
});

test('under --json a wrong command line is a result as well', async () => {
  const { code, out } = await run(['restore', '--json', '--stesp', '5']);
  expect(code).toBe(2);
  expect(JSON.parse(out)).toEqual({
    error: {
      kind: 'usage',
      message: "unknown option '--stesp'\n(Did you mean --steps?)",
      exitCode: 2,
    },
  });
});

test('no command at all and a bare group print help on stderr and exit with 2', async () => {
  for (const argv of [[], ['train']]) {
    const { code, out, err } = await run(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: dp-ir');
  }
});
