import { isBuiltin } from 'node:module';
import path from 'node:path';
import { findCycles } from './cycles.js';
import { importsOf } from './imports.js';

/** What a file of a room may import; `engine/contract` names a single file. */
export type RoomTable = Readonly<Record<string, readonly string[]>>;

const evaluationBelow = [
  'tensor',
  'files',
  'graph',
  'networks',
  'checkpoints',
  'degradation',
  'image',
  'raw',
  'datasets',
  'restoration',
];
const trainingBelow = [...evaluationBelow, 'threads', 'diffusion', 'engine'];
const appBelow = [...trainingBelow, 'evaluation', 'training'];

/** The rooms of src/ and the rooms each may import. Files directly in src/ are rooms of one file. */
export const rooms: RoomTable = {
  tensor: [],
  graph: ['tensor'],
  diffusion: ['tensor'],
  networks: ['tensor', 'graph'],
  threads: [],
  engine: ['tensor', 'threads'],
  files: ['tensor'],
  degradation: ['tensor'],
  image: ['tensor', 'files'],
  raw: ['tensor', 'files', 'threads', 'image', 'degradation'],
  datasets: ['tensor', 'files', 'image', 'degradation', 'raw'],
  checkpoints: ['tensor', 'graph', 'networks'],
  restoration: [
    'tensor',
    'graph',
    'networks',
    'diffusion',
    'degradation',
    'checkpoints',
    'engine/contract',
  ],
  evaluation: [...evaluationBelow, 'diffusion', 'engine/contract'],
  training: [...trainingBelow, 'evaluation'],
  app: appBelow,
  conformance: [...appBelow, 'app'],
  'core.ts': [
    'tensor',
    'graph',
    'networks',
    'diffusion',
    'degradation',
    'checkpoints',
    'restoration',
    'engine/contract',
  ],
  'index.ts': [...appBelow, 'app', 'conformance', 'core.ts'],
  cli: [...appBelow, 'app', 'conformance', 'index.ts', 'core.ts'],
};

/** Rooms that run in a browser, and the packages that they may use there. */
export const browserRooms: readonly string[] = [
  'tensor',
  'graph',
  'networks',
  'checkpoints',
  'diffusion',
  'degradation',
  'restoration',
  'core.ts',
];
export const browserPackages: readonly string[] = ['@bufbuild/protobuf', 'onnx-buf', 'zod'];

/** Tests and their helpers may import anything; nothing else may import them. */
export function isTestCode(file: string): boolean {
  return /\.test\.ts$|(^|\/)testing\//.test(file);
}

/**
 * Checks the imports of a source tree against the room table.
 * @param files source text by path relative to src/, with forward slashes
 * @returns one sentence per violation, empty where the tree is in order
 */
export function roomViolations(
  files: ReadonlyMap<string, string>,
  table: RoomTable = rooms,
): string[] {
  const violations: string[] = [];
  const values = new Map<string, string[]>();
  for (const [file, source] of files) {
    if (isTestCode(file)) continue;
    const room = roomOf(file);
    const allowed = table[room];
    if (allowed === undefined) {
      violations.push(`${file}: the room table has no room '${room}'`);
      continue;
    }
    const targets: string[] = [];
    values.set(file, targets);
    for (const { specifier, typeOnly } of importsOf(source)) {
      if (!specifier.startsWith('.')) {
        violations.push(...packageViolation(file, room, specifier));
        continue;
      }
      const target = path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts');
      if (!typeOnly) targets.push(target);
      const violation = relativeViolation(file, room, allowed, target, files);
      if (violation !== undefined) violations.push(violation);
    }
  }
  for (const cycle of findCycles(values)) violations.push(`cycle: ${cycle.join(' -> ')}`);
  return violations;
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
  if (target.startsWith('../')) return undefined;
  if (isTestCode(target)) return `${file}: imports test code, ${target}`;
  if (!files.has(target)) return `${file}: imports ${target}, which does not exist`;
  const targetRoom = roomOf(target);
  const permitted =
    targetRoom === room || allowed.includes(targetRoom) || allowed.includes(target.slice(0, -3));
  if (permitted) return undefined;
  return `${file}: room ${room} must not import ${target} (allowed: ${allowed.join(', ') || 'nothing'})`;
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
