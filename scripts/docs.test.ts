import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..');
const documents = [
  'README.md',
  ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`),
];

test.each(documents.filter((name) => name.endsWith('.md')))('%s names existing sources', (name) => {
  const text = readFileSync(path.join(root, name), 'utf8');
  const paths = text.match(/\b(?:src|bench|scripts)\/[\w./-]+\w/g) ?? [];
  const placeholder = /NAME|NN/;
  const missing = paths.filter(
    (file) => !placeholder.test(file) && !existsSync(path.join(root, file)),
  );
  expect(missing).toEqual([]);
});
