import { z } from 'zod';
import { sha256Of } from '../../../files/fingerprint.js';
import { ModelError } from '../../../tensor/errors.js';
import { FEATURES } from './block-features.js';
import type { Multivariate } from './multivariate.js';

/** The distribution of the features of natural scenes that NIQE compares with. */
export interface NaturalScenes extends Multivariate {
  readonly name: string;
  /** On what it was fitted and who may use it. */
  readonly provenance?: string;
  /** How many blocks it was fitted on. */
  readonly blocks?: number;
}

const finite = z.number().refine(Number.isFinite, 'expected a finite number');

const schema = z.object({
  format: z.literal('dp-ir-niqe').optional(),
  version: z.literal(1).optional(),
  name: z.string().min(1).optional(),
  provenance: z.string().optional(),
  blocks: z.int().positive().optional(),
  mean: z.array(finite).length(FEATURES),
  covariance: z.array(z.array(finite)).length(FEATURES),
});

/**
 * Natural scenes from JSON: `mean`, 36 numbers, and `covariance`, 36 rows, either whole or only up
 * to the diagonal; `name`, `provenance` and `blocks` are optional. The order is that of the
 * published parameters: for full size, then half size, shape and scale of the coefficients, then
 * shape, mean, left and right scale of the products to the right, below and on both diagonals. A
 * published `mu_prisparam` and `cov_prisparam` therefore are `mean` and `covariance` as they are.
 * @param name what messages call the file, and the scenes where they have no name.
 * @throws ModelError where something is missing, too long or not finite, or where the covariance is
 * not symmetric or has a negative variance.
 */
export function parseNaturalScenes(json: unknown, name: string): NaturalScenes {
  const result = schema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new ModelError(
      name,
      `holds no parameters of NIQE: ${issue.path.join('.')}: ${issue.message}`,
    );
  }
  const { mean, covariance: rows, provenance, blocks } = result.data;
  const isWhole = rows.every(({ length }) => length === FEATURES);
  if (!isWhole && rows.some(({ length }, index) => length !== index + 1))
    throw new ModelError(name, 'has a covariance that is neither whole nor up to its diagonal', {
      expected: `${FEATURES} rows of ${FEATURES} numbers, or of 1 to ${FEATURES}`,
      received: `rows of ${rows.map(({ length }) => length).join(', ')}`,
    });
  const covariance = rows.map((row, r) => rows.map((_, c) => (c <= r ? row[c]! : rows[c]![r]!)));
  if (isWhole && rows.some((row, r) => row.some((value, c) => !isClose(value, covariance[r]![c]!))))
    throw new ModelError(name, 'has a covariance that is not symmetric');
  if (covariance.some((row, index) => row[index]! < 0))
    throw new ModelError(name, 'has a covariance with a negative variance');
  return {
    name: result.data.name ?? name,
    mean,
    covariance,
    ...(provenance === undefined ? {} : { provenance }),
    ...(blocks === undefined ? {} : { blocks }),
  };
}

/** Natural scenes as JSON that `parseNaturalScenes` reads, rounded to nine digits. */
export function encodeNaturalScenes(scenes: NaturalScenes): string {
  const { name, provenance, blocks, mean, covariance } = scenes;
  const numbers = (values: readonly number[]) => `[${values.map(rounded).join(', ')}]`;
  const head = { format: 'dp-ir-niqe', version: 1, name, provenance, blocks };
  const entries = Object.entries(head).filter(([, value]) => value !== undefined);
  return [
    '{',
    ...entries.map(([key, value]) => `  "${key}": ${JSON.stringify(value)},`),
    `  "mean": ${numbers(mean)},`,
    '  "covariance": [',
    covariance.map((row, index) => `    ${numbers(row.slice(0, index + 1))}`).join(',\n'),
    '  ]',
    '}\n',
  ].join('\n');
}

/** Name and fingerprint: equal for scenes that give the same figures. */
export function versionOf({ name, mean, covariance }: NaturalScenes): string {
  const numbers = Float64Array.from([...mean, ...covariance.flat()], rounded);
  return `${name} ${sha256Of(new Uint8Array(numbers.buffer)).slice(0, 8)}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(9));
}

/** Equal up to what printing and reading again may change. */
function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1e-12);
}
