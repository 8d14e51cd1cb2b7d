import { isBuiltin } from 'node:module';
import path from 'node:path';
import { findCycles } from './cycles.js';
import { importsOf } from './imports.js';

/** The rooms of src/, lowest first: a file may import its own room and those before it. */
export const roomOrder: readonly string[] = [
  'utils',
  'tensor',
  'graph',
  'networks',
  'diffusion',
  'degradation',
  'metrics',
  'weights',
  'restoration',
  'core.ts',
  'engine',
  'files',
  'images',
  'raw',
  'datasets',
  'models',
  'training',
  'reports',
  'restore-files',
  'benchmark',
  'conformance',
  'index.ts',
  'models.ts',
  'train.ts',
  'evaluate.ts',
  'cli',
];

/** Workspaces beside src/: they may import every room; no other may import them. */
export const workspaces: readonly string[] = ['bench'];

/** Rooms that run in a browser, and the packages that they may use there. */
export const browserRooms: readonly string[] = roomOrder.slice(0, roomOrder.indexOf('core.ts') + 1);
export const browserPackages: readonly string[] = ['@bufbuild/protobuf', 'onnx-buf', 'zod'];

/** Tests and their helpers may import anything; nothing else may import them but workspaces. */
export function isTestCode(file: string): boolean {
  return /\.test\.ts$|(^|\/)testing\//.test(file);
}

/**
 * Checks the imports of the sources against the order of their rooms.
 * @param files source text by path relative to src/ or, in a workspace, to the repository root
 * @returns one sentence per violation, empty where the tree is in order
 */
export function roomViolations(files: ReadonlyMap<string, string>): string[] {
  const violations: string[] = [];
  const values = new Map<string, string[]>();
  for (const [file, source] of files) {
    if (isTestCode(file)) continue;
    const room = roomOf(file);
    const rank = roomOrder.indexOf(room);
    const isWorkspace = workspaces.includes(room);
    if (rank < 0 && !isWorkspace) {
      violations.push(`${file}: the list of rooms has no room '${room}'`);
      continue;
    }
    const allowed = isWorkspace ? [...roomOrder, room] : roomOrder.slice(0, rank + 1);
    const targets: string[] = [];
    values.set(file, targets);
    for (const { specifier, typeOnly } of importsOf(source)) {
      if (!specifier.startsWith('.')) {
        violations.push(...packageViolation(file, room, specifier));
        continue;
      }
      const target = targetOf(file, isWorkspace, specifier);
      if (!typeOnly) targets.push(target);
      const violation = relativeViolation(file, room, allowed, target, files);
      if (violation !== undefined) violations.push(violation);
    }
  }
  for (const cycle of findCycles(values)) violations.push(`cycle: ${cycle.join(' -> ')}`);
  return violations;
}

/** The file that a relative import names, as a key of `files`. */
function targetOf(file: string, isWorkspace: boolean, specifier: string): string {
  const folder = path.posix.dirname(isWorkspace ? file : `src/${file}`);
  const target = path.posix.join(folder, specifier).replace(/\.js$/, '.ts');
  return target.replace(/^src\//, '');
}

function roomOf(file: string): string {
  return file.split('/')[0]!;
}

function relativeViolation(
  file: string,
  room: string,
  allowed: readonly string[],
  target: string,
  files: ReadonlyMap<string, string>,
): string | undefined {
  if (isTestCode(target))
    return workspaces.includes(room) ? undefined : `${file}: imports test code, ${target}`;
  if (!files.has(target)) return `${file}: imports ${target}, which does not exist`;
  if (allowed.includes(roomOf(target))) return undefined;
  return `${file}: room ${room} must not import ${target}, which lies above it`;
}

function packageViolation(file: string, room: string, specifier: string): string[] {
  if (!browserRooms.includes(room)) return [];
  if (isBuiltin(specifier))
    return [`${file}: room ${room} runs in a browser and must not import ${specifier}`];
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (browserPackages.includes(name)) return [];
  return [
    `${file}: room ${room} runs in a browser and must not import ${name} (allowed: ${browserPackages.join(', ')})`,
  ];
}
