import { expect, test } from 'vitest';
import { methodOf } from './table.js';

const fileOf = (name: string): string => `runs/${name}`;

test('a method has files in the place of modules, and the name of its row', () => {
  const row = { name: 'ours', method: 'restorer:sr4@restorer={restorer-b}' };
  expect(methodOf(row, fileOf)).toBe('restorer:sr4@restorer=runs/restorer-b@name=ours');
  expect(methodOf({ name: 'x', method: 'outputs:x=folder' }, fileOf)).toBe('outputs:x=folder');
});

test('packs restore as the paper does where nothing else is stated', () => {
  const of = (method: string) => methodOf({ name: 'x', method }, fileOf);
  expect(of('pack:sr4@tau=20')).toBe(
    'pack:sr4@tau=20@noise-level=nominal@variance=large@consistency=none@detail=1@name=x',
  );
  expect(of('pack:sr4@tau=5@steps=5')).toContain('@sampler=ancestral');
  expect(of('pack:sr4@tau=20@steps=8')).toContain('@sampler=ddim');
  expect(of('pack:sr4@start=full@steps=50')).toContain('@sampler=ddim');
  expect(of('pack:sr4@tau=5@steps=5@sampler=ddim').match(/sampler/g)).toHaveLength(1);
  expect(of('pack:sr4@noise-level=tracked@variance=small')).toBe(
    'pack:sr4@noise-level=tracked@variance=small@consistency=none@detail=1@name=x',
  );
});
