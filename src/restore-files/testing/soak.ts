import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createEngine } from '../../engine/engine.js';
import { alive, childrenOf } from '../../engine/testing/processes.js';
import { writeTestImage } from '../../images/testing/image-files.js';
import { restoreFile } from '../restore.js';

/** How long a soak is. */
export interface SoakOptions {
  /** Where images and results go. */
  readonly folder: string;
  readonly pack: string;
  readonly restorations: number;
  /** Restorations between looks at the memory. */
  readonly every: number;
  /** Images of so many sizes take turns; default 1. */
  readonly sizes?: number;
  readonly onLook?: (look: SoakLook) => void;
}

/** Resident bytes after so many restorations. */
export interface SoakLook {
  readonly restorations: number;
  readonly parent: number;
  readonly child: number;
}

/** What a soak found. */
export interface SoakResult {
  readonly looks: readonly SoakLook[];
  /** Engine processes that it met; more than one means that one died. */
  readonly children: readonly number[];
  /** Engine processes that are left. */
  readonly left: readonly number[];
  /** Open files and what keeps the program alive, more than before. */
  readonly files: number;
  readonly handles: readonly string[];
  /** Names in the folder of results. */
  readonly results: readonly string[];
  readonly seconds: number;
}

/** Restores a tiny image again and again in one process and looks at what that leaves. Linux only. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { folder, pack, restorations, every, sizes = 1, onLook } = options;
  const inputs = Array.from({ length: sizes }, (_, size) => join(folder, `tiny-${size}.png`));
  const results = join(folder, 'results');
  await mkdir(results, { recursive: true });
  for (const [size, input] of inputs.entries()) await writeTestImage(input, 9 + size, 7);
  const before = { files: openFiles(), handles: process.getActiveResourcesInfo() };
  const engine = createEngine();
  const looks: SoakLook[] = [];
  const children = new Set<number>();
  const started = performance.now();
  for (let done = 1; done <= restorations; done += 1) {
    const call = { pack, engine, threads: 1, seed: done };
    await restoreFile(inputs[done % sizes]!, join(results, 'tiny.png'), call);
    for (const pid of childrenOf(process.pid)) children.add(pid);
    if (done % every !== 0) continue;
    const [child = 0] = childrenOf(process.pid).map(resident);
    const look = { restorations: done, parent: resident(process.pid), child };
    looks.push(look);
    onLook?.(look);
  }
  const seconds = (performance.now() - started) / 1000;
  await engine.close();
  // Handles of a process that has ended are closed a turn of the event loop later.
  await delay(100);
  return {
    looks,
    children: [...children],
    left: [...children].filter(alive),
    files: openFiles() - before.files,
    handles: without(process.getActiveResourcesInfo(), before.handles),
    results: await readdir(results),
    seconds,
  };
}

/**
 * How far both processes together went from what they had at a certain point: the most that any
 * later look has above it, and the most that any has below, as parts of it.
 */
export function drift(looks: readonly SoakLook[], after: number) {
  const together = ({ parent, child }: SoakLook): number => parent + child;
  const first = together(looks.find(({ restorations }) => restorations >= after)!);
  const later = looks.filter(({ restorations }) => restorations > after).map(together);
  return { above: Math.max(...later) / first - 1, below: 1 - Math.min(...later) / first };
}

function resident(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

/** What of the first list is not in the second, one for one. */
function without(all: readonly string[], known: readonly string[]): string[] {
  const left = [...all];
  for (const name of known) {
    const place = left.indexOf(name);
    if (place >= 0) left.splice(place, 1);
  }
  return left;
}
