import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { importsOf } from './imports.js';
import { browserRooms, roomOrder, roomViolations } from './rooms.js';

const orderly: Record<string, string> = {
  'tensor/tensor.ts': 'export const a = 1;',
  'graph/value.ts': "import { a } from '../tensor/tensor.js';\nexport const b = a;",
  'graph/contract.ts': "import type { a } from '../tensor/tensor.js';\nexport type C = typeof a;",
  'engine/node.ts': "import { fork } from 'node:child_process';\nexport { fork };",
  'restoration/pipeline.ts':
    "import type { C } from '../graph/contract.js';\nimport { z } from 'zod';\nexport const p: C = z;",
  'cli/main.ts':
    "import '../engine/node.js';\nimport { b } from '../graph/value.js';\nexport const m = b;",
};

/** Violations of the orderly tree after some of its files are replaced. */
function violationsWith(changes: Record<string, string>): string[] {
  return roomViolations(new Map(Object.entries({ ...orderly, ...changes })));
}

test('a tree whose imports point down has no violations', () => {
  expect(violationsWith({})).toEqual([]);
});

test('an upward import is refused, also as a type, a re-export and a dynamic import', () => {
  const upward = [
    "import { b } from '../graph/value.js';",
    "import type { b } from '../graph/value.js';",
    "export * from '../graph/value.js';",
    "import {\n  b,\n} from '../graph/value.js';",
    "const late = await import('../graph/value.js');",
  ];
  for (const source of upward) {
    const violations = violationsWith({ 'tensor/up.ts': source });
    expect(violations, source).toHaveLength(1);
    expect(violations[0]).toBe(
      'tensor/up.ts: room tensor must not import graph/value.ts, which lies above it',
    );
  }
});

test.each(['node:fs', 'fs', 'fs/promises', 'onnxruntime-node', 'sharp', 'sharp/lib/x.js'])(
  'rooms of the browser refuse %s, other rooms do not',
  (specifier) => {
    const source = `import x from '${specifier}';\nexport { x };`;
    for (const room of browserRooms.filter((name) => !name.endsWith('.ts'))) {
      const violations = violationsWith({ [`${room}/node-only.ts`]: source });
      expect(violations).toHaveLength(1);
      expect(violations[0]).toContain(`room ${room} runs in a browser`);
    }
    expect(violationsWith({ 'engine/more.ts': source })).toEqual([]);
  },
);

test('a cycle between files of one room is refused', () => {
  const violations = violationsWith({
    'graph/a.ts': "import { b } from './b.js';\nexport const a = b;",
    'graph/b.ts': "import { c } from './c.js';\nexport const b = c;",
    'graph/c.ts': "import { a } from './a.js';\nexport const c = a;",
  });
  expect(violations).toEqual(['cycle: graph/a.ts -> graph/b.ts -> graph/c.ts -> graph/a.ts']);
});

test('a cycle of types inside a room is allowed', () => {
  const violations = violationsWith({
    'graph/a.ts': "import type { B } from './b.js';\nexport interface A { b: B }",
    'graph/b.ts': "import { type A } from './a.js';\nexport interface B { a: A }",
  });
  expect(violations).toEqual([]);
});

test('tests may import anything and may not be imported', () => {
  const helper = { 'graph/testing/run.ts': "import '../../engine/node.js';" };
  expect(violationsWith(helper)).toEqual([]);
  expect(violationsWith({ 'graph/a.test.ts': "import '../cli/main.js';" })).toEqual([]);
  expect(violationsWith({ ...helper, 'graph/a.ts': "import './testing/run.js';" })).toEqual([
    'graph/a.ts: imports test code, graph/testing/run.ts',
  ]);
});

test('a workspace imports any room and its own files; no room imports a workspace', () => {
  const bench = {
    'bench/stopwatch.ts': "import { m } from '../src/cli/main.js';\nexport const s = m;",
    'bench/paper/main.ts': "import { s } from '../stopwatch.js';\nexport const t = s;",
  };
  expect(violationsWith(bench)).toEqual([]);
  expect(
    violationsWith({ ...bench, 'cli/up.ts': "import { s } from '../../bench/stopwatch.js';" }),
  ).toEqual(['cli/up.ts: room cli must not import bench/stopwatch.ts, which lies above it']);
  expect(
    violationsWith({
      ...bench,
      'bench/stopwatch.ts': "import { t } from './paper/main.js';\nexport const s = t;",
    }),
  ).toEqual(['cycle: bench/stopwatch.ts -> bench/paper/main.ts -> bench/stopwatch.ts']);
});

test('an unknown room and a missing file are named', () => {
  expect(violationsWith({ 'attic/old.ts': 'export {};' })).toEqual([
    "attic/old.ts: the list of rooms has no room 'attic'",
  ]);
  expect(violationsWith({ 'graph/a.ts': "import './gone.js';" })).toEqual([
    'graph/a.ts: imports graph/gone.ts, which does not exist',
  ]);
});

test('the list names each room of the source tree once', () => {
  const root = path.join(import.meta.dirname, '..', 'src');
  const present = readdirSync(root).filter((name) => !name.endsWith('.test.ts'));
  expect([...roomOrder].sort()).toEqual(present.sort());
});

test('the table of the documentation lists the rooms in their order', () => {
  const file = path.join(import.meta.dirname, '..', 'docs', 'architecture.md');
  const [, section = ''] = readFileSync(file, 'utf8').split(/^## /m);
  const cells = [...section.matchAll(/^\| (`.*?`) ?(◦?) \|/gm)];
  const rooms = cells.flatMap(([, names]) => names!.match(/[\w.-]+/g)!);
  expect(rooms).toEqual(roomOrder);
  const inBrowser = cells.filter(([, , mark]) => mark === '◦');
  expect(inBrowser.flatMap(([, names]) => names!.match(/[\w.-]+/g)!)).toEqual(browserRooms);
});

test('imports inside comments do not count, imports of any form do', () => {
  const source = [
    '/**',
    " * import { a } from 'commented';",
    ' */',
    "// const b = import('also-commented');",
    "import type from 'named-type';",
    "import type { T } from 'types';",
    "import { type U } from 'mixed';",
    "export type { V } from 'type-export';",
    "  const lazy = await import('lazy');",
    "const old = require('old');",
    "type Whole = typeof import('whole');",
    "type Part = import('part').Part;",
    "import('late').then(use);",
    "import('data', { with: { type: 'json' } });",
  ].join('\n');
  expect(importsOf(source)).toEqual([
    { specifier: 'named-type', typeOnly: false },
    { specifier: 'types', typeOnly: true },
    { specifier: 'mixed', typeOnly: false },
    { specifier: 'type-export', typeOnly: true },
    { specifier: 'lazy', typeOnly: false },
    { specifier: 'old', typeOnly: false },
    { specifier: 'whole', typeOnly: true },
    { specifier: 'part', typeOnly: true },
    { specifier: 'late', typeOnly: false },
    { specifier: 'data', typeOnly: false },
  ]);
});
