import { Command } from 'commander';
import { expect, test } from 'vitest';
import { LimitError, ParameterError } from '../utils/errors.js';
import { flagsOf, inFlags } from './options.js';

const flags = { 'limits.maxPixels': '--max-input-pixels', tile: '--tile' };

test('options that an error quotes become flags, others stay', () => {
  const error = new LimitError('a.png', 'raise `limits.maxPixels`, `tile` or `toString`, not tile');
  expect(inFlags(error, flags)).toBe(
    'a.png: raise --max-input-pixels, --tile or `toString`, not tile',
  );
});

test('the parameter of a usage error is its flag, a file of that name stays a file', () => {
  expect(inFlags(new ParameterError('tile', 'at least 64', 3), flags)).toBe(
    '--tile: expected at least 64, received 3',
  );
  expect(inFlags(new LimitError('tile', 'is too large'), flags)).toBe('tile: is too large');
});

test('an entry of an option is named after its flag', () => {
  const own = { 'recipe.config': '--config', 'recipe.adam.beta1': '--beta1' };
  const tell = (subject: string) => inFlags(new ParameterError(subject, 'an integer', 1.5), own);
  expect(tell('recipe.config.widths.0')).toBe(
    '--config widths.0: expected an integer, received 1.5',
  );
  expect(tell('recipe.adam.beta1')).toBe('--beta1: expected an integer, received 1.5');
  expect(tell('recipe.adam')).toBe('recipe.adam: expected an integer, received 1.5');
});

test('a command knows the flags of its options, and is told only of other names', async () => {
  const command = new Command()
    .option('-o, --output <file>')
    .option('--crop-border <n>')
    .option('--no-round')
    .option('-x');
  expect(flagsOf(command, { pack: '--model', output: '--to' })).toEqual({
    ...{ output: '--to', cropBorder: '--crop-border', round: '--no-round', pack: '--model' },
  });
  const flags = flagsOf(command);
  expect(inFlags(new ParameterError('cropBorder', 'fewer', 3), flags)).toBe(
    '--crop-border: expected fewer, received 3',
  );
  expect(inFlags(new ParameterError('options.cropBorder', 'fewer', 3), flags)).toBe(
    '--crop-border: expected fewer, received 3',
  );
  expect(inFlags(new LimitError('a.png', 'lower `options.cropBorder`'), flags)).toBe(
    'a.png: lower --crop-border',
  );
});

test('what was typed is told to whom the names depend on it', async () => {
  const command = new Command().option('--batch <n>').option('--crop <n>', 'of it', '64');
  await command.parseAsync(['--batch', '3'], { from: 'user' });
  const seen: string[][] = [];
  flagsOf(command, (typed) => {
    seen.push([...typed]);
    return {};
  });
  expect(seen).toEqual([['batch']]);
});
