import { expect, test } from 'vitest';
import { methodOf } from './table.js';

const fileOf = (name: string): string => `runs/${name}`;

test('a method has files in the place of modules, and the name of its row', () => {
  const row = { name: 'ours', method: 'pack:sr4@fusion={fusion-ab}' };
  expect(methodOf(row, fileOf, false)).toBe('pack:sr4@fusion=runs/fusion-ab@name=ours');
});

test('packs tell the nominal noise level where that is switched on and nothing else is stated', () => {
  const of = (method: string) => methodOf({ name: 'x', method }, fileOf, true);
  expect(of('pack:sr4@tau=20')).toBe('pack:sr4@tau=20@noise-level=nominal@name=x');
  expect(of('pack:sr4@noise-level=tracked')).toBe('pack:sr4@noise-level=tracked@name=x');
  expect(of('restorer:sr4')).toBe('restorer:sr4@name=x');
  expect(of('outputs:x=folder')).toBe('outputs:x=folder');
});
