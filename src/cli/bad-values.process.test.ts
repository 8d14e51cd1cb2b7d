import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, type Option } from 'commander';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { tinyPack } from '../models/testing/tiny-pack.js';
import { writeTestImages } from '../training/testing/images.js';
import type { CommandEntry } from './command.js';
import { commands } from './program.js';
import { runCommands } from './testing/run-commands.js';

const folder = await temporaryFolder();
const pack = await tinyPack(folder);
const data = join(folder, 'data');
await mkdir(data);
await writeTestImages(data, [
  [40, 44],
  [40, 44],
]);
const reduction = join(folder, 'reduction.json');
await writeFile(reduction, '{"kind":"bicubic","scale":2}');
const module = (role: string) => join(folder, 'tiny-pack', `${role}.safetensors`);
const modules = ['--restorer', module('restorer'), '--denoiser', module('denoiser')];
const image = join(data, 'image-0.png');
const output = (ending = '') => ['-o', join(folder, `output${ending}`)];
const tiny = ['--batch', '1', '--crop', '16', '--steps', '1'];

/** What each command with numbers is run with besides the option at hand. */
const usual: Readonly<Record<string, readonly string[]>> = {
  restore: ['-i', image, ...output('.png'), '--model', pack],
  demo: [image, ...output(), '--model', pack],
  'train restorer': ['--data', data, ...output(), ...tiny],
  'train denoiser': ['--data', data, ...output(), ...tiny],
  'train fusion': ['--data', data, ...output(), ...tiny, ...modules],
  trajectory: ['-i', image, ...output('.html'), '--model', pack],
  evaluate: [data, ...output(), '--task', 'sr4', '--methods', 'bicubic', '--metrics', 'psnr'],
  metrics: ['-t', image, '-r', image, '--metrics', 'psnr'],
  cost: [pack],
  'data make': ['-i', data, ...output(), '--degradation', reduction],
  'models export': [module('restorer'), ...output('.onnx')],
  'models pack': [
    ...[...modules, '--fusion', module('fusion'), '--name', 'made', ...output()],
    ...['--t-max', '50', '--tau', '20', '--steps', '3'],
  ],
};

const NUMBERS =
  /^<(n|pixels|t|share|seconds|GiB|size|rate|factor|decay|e|norm|weight|degrees|s|WxH|HxW|x,y,size)>$/;
/** Lists of numbers look like lists of names. */
const LISTS = ['--seeds', '--reductions', '--validation-sigmas', '--validation-timesteps'];
const TEXTS =
  /^<(file|folder|path|pack|task|kind|mode|name|names|json|law|space|layout|split|list|text|keys|model|frame|bool|network=file|crop|file\.\.\.|crop\.\.\.|network=file\.\.\.)>$/;

/** All commands that run, by name, with their options. */
async function leaves(
  list: readonly CommandEntry[],
  above = '',
): Promise<(readonly [string, readonly Option[]])[]> {
  const found: (readonly [string, readonly Option[]])[] = [];
  for (const entry of list) {
    const definition = 'load' in entry ? (await entry.load()).command : entry;
    expect(definition.name).toBe(entry.name);
    const name = above + entry.name;
    const command = new Command();
    definition.configure?.(command);
    if (definition.run !== undefined) found.push([name, command.options]);
    found.push(...(await leaves(definition.subcommands ?? [], `${name} `)));
  }
  return found;
}

const allCommands = await leaves(commands);
const placeholder = ({ flags }: Option) => /<.*$/.exec(flags)?.[0] ?? '';
const isNumeric = (option: Option) =>
  NUMBERS.test(placeholder(option)) || LISTS.includes(option.long!);
const flagsWithNumbers = allCommands.flatMap(([name, options]) =>
  options.filter(isNumeric).map((option) => [name, option.long!] as const),
);

async function say(name: string, flag: string, value: string) {
  const given = [...usual[name]!];
  const at = given.indexOf(flag);
  if (at >= 0) given.splice(at, 2);
  return runCommands(commands, [...name.split(' '), ...given, flag, value]);
}

test('every option with a value is known here as one of numbers or one of texts', () => {
  for (const [name, options] of allCommands)
    for (const option of options)
      if (option.required)
        expect(
          isNumeric(option) || TEXTS.test(placeholder(option)),
          `${name} ${option.flags}`,
        ).toBe(true);
  for (const [name] of flagsWithNumbers) expect(usual).toHaveProperty([name]);
  expect(flagsWithNumbers.length).toBeGreaterThan(150);
});

test.each(Object.keys(usual))('%s: what is no number is refused by its flag', async (name) => {
  const before = await readdir(folder);
  for (const [own, flag] of flagsWithNumbers.filter(([own]) => own === name))
    for (const value of ['-1', 'NaN', '', 'abc', 'Infinity']) {
      const { code, stdout, stderr } = await say(own, flag, value);
      const told = `${own} ${flag} ${JSON.stringify(value)}: ${stderr}`;
      expect(code, told).toBe(2);
      expect(stderr, told).toMatch(new RegExp(`^error: (option '.*)?${flag}\\b`, 'm'));
      expect(stderr, told).toContain('expected');
      expect(stderr, told).toMatch(/, received ./);
      expect(stderr, told).not.toMatch(/\n\s+at /);
      expect(stdout).toBe('');
    }
  expect(await readdir(folder)).toEqual(before);
});

test('a warning speaks of flags too', async () => {
  const { stderr } = await say('metrics', '--border', '999');
  expect(stderr).toMatch(/^warning: .*expected pixels inside the --border of 999/m);
});

/** Refused only where they are used, by the library, which calls them otherwise. */
test.each([
  ['restore', '--threads', '1000000000', '--threads: expected at most 1024'],
  ['restore', '--samples', '1000000000', '--samples: expected an integer from 1 to 10000'],
  ['restore', '--mean', '1000000000', '--mean: expected an integer from 2 to 10000'],
  ['restore', '--tau', '1000000000', '--tau: expected'],
  ['restore', '--steps', '1000000000', '--steps: expected'],
  ['restore', '--timeout', '1000000000', '--timeout: expected seconds above 0'],
  ['restore', '--max-pixels', '10', '--max-pixels'],
  ['restore', '--max-input-pixels', '10', '--max-input-pixels'],
  ['restore', '--max-bytes', '10', '--max-bytes'],
  ['restore', '--memory', '1kB', '--memory'],
  ['demo', '--steps', '1000000000', '--steps: expected'],
  ['trajectory', '--tau', '1000000000', '--tau: expected'],
  ['cost', '--tau', '1000000000', '--tau: expected'],
  ['cost', '--steps', '1000000000', '--steps: expected'],
  ['cost', '--tile', '1', '--tile: expected'],
  ['models pack', '--tau', '51', '--tau: expected at most --t-max 50, received 51'],
  ['models pack', '--steps', '21', '--steps: expected at most --tau 20, received 21'],
  ['data make', '--size', '33', '--size: expected a multiple of 2'],
  ['data make', '--frames', '3', '--frames: expected only with --degradation burst'],
  ['metrics', '--border', '1000000000', '--border: expected'],
  ['evaluate', '--seeds', '0-999999', '--seeds: expected at most 10000 of them'],
  ['evaluate', '--threads', '1025', '--threads: expected'],
  ['evaluate', '--border', '1000000000', '--border: expected'],
  ['train restorer', '--workers', '1000000000', '--workers: expected an integer from 0 to 256'],
  ['train restorer', '--threads', '1000000000', '--threads: expected at most 1024'],
  ['train restorer', '--batch', '1000000000', '--batch: expected'],
  ['train restorer', '--crop', '18', '--crop: expected a multiple of scale 4, received 18'],
  ['train restorer', '--scale', '1000000000', '--scale: expected'],
  ['train restorer', '--memory', '0.000001', 'lower --batch or --crop (--accumulate makes up'],
  ['train restorer', '--decay-factor', '0.5', '--decay-factor: expected no such entry of kind'],
  ['train restorer', '--frames', '3', '--frames: expected no such entry of kind restorer'],
  ['train denoiser', '--sigma-min', '9', '--sigma-min: expected minimum <= maximum'],
  ['train fusion', '--t-max', '1000000000', '--t-max: expected'],
])('%s %s %s is refused by its flag', async (name, flag, value, message) => {
  const { code, stderr } = await say(name, flag, value);
  expect(stderr).toContain(message);
  expect([2, 4], stderr).toContain(code);
  expect(stderr).not.toMatch(/\n\s+at |does not foresee/);
});
