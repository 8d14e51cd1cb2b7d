import { Command } from 'commander';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type RestoreOptionName, restoreOptionRows } from '../../../restore-files/options.js';
import { asFlag, parseOptions } from '../../options.js';
import { repeatCommand } from './repeat-command.js';
import { addRestoreOptions, allOptions, restoreShape } from './restore-options.js';

const schema = z.object(restoreShape(allOptions));

async function parse(...words: string[]) {
  const command = addRestoreOptions(new Command().exitOverride(), allOptions);
  await command.parseAsync(words, { from: 'user' });
  return parseOptions(schema, command.opts());
}

test.each(restoreOptionRows)('%s is read from its flag and stands in help', async (name, row) => {
  const value = row.example === true ? [] : [String(row.example)];
  expect(await parse(asFlag(name), ...value)).toEqual({ [name]: row.example });
  const help = addRestoreOptions(new Command(), [name]).helpInformation({ error: false });
  expect(help).toContain(`${row.group}:`);
  expect(help).toContain(asFlag(name));
});

const facts = {
  settings: {
    tau: 250,
    steps: 50,
    start: 'accelerated',
    sampler: 'ddim',
    eta: 0,
    variance: 'large',
    noiseLevel: 'tracked',
  },
  result: { consistency: 'exact', detail: 0.5 },
  seed: 3,
  tile: 1024,
} as const;
/** Options that the command states as the restoration resolved them. */
const resolved: readonly RestoreOptionName[] = [
  ...(['model', 'tau', 'steps', 'start', 'sampler', 'eta', 'variance', 'noiseLevel'] as const),
  ...(['consistency', 'detail', 'seed', 'tile'] as const),
];

test.each(restoreOptionRows)('%s is repeated if results depend on it', (name, row) => {
  const target = { input: 'a.png', output: 'b.png' };
  const words = repeatCommand(target, { [name]: row.example }, facts).split(' ');
  const isStated = row.affectsPixels || row.permits === true;
  expect(words.includes(asFlag(name))).toBe(isStated);
  if (!isStated || row.example === true || resolved.includes(name)) return;
  expect(words[words.indexOf(asFlag(name)) + 1]).toBe(String(row.example));
});
