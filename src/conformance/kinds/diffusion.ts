import { z } from 'zod';
import { createSchedule, reverse, type Schedule } from '../../diffusion/index.js';
import { type Comparison, compareNumbers, type Kind, worst } from '../case.js';

const number = z.number().nullable();
const variances = { var_posterior: number.optional(), var_beta: number.optional() };
const schema = z.object({
  T: z.int().min(1),
  schedule: z.string(),
  start: z
    .array(
      z.object({
        tau: z.int(),
        coef_x0: number.optional(),
        coef_xT: number.optional(),
        ...variances,
        sqrt_alpha_bar: number.optional(),
        one_minus_alpha_bar: number.optional(),
        sigma_tilde: number.optional(),
      }),
    )
    .default([]),
  jump: z
    .array(
      z.object({
        t: z.int(),
        s: z.int(),
        coef_x0: number.optional(),
        coef_xt: number.optional(),
        ...variances,
      }),
    )
    .default([]),
});

/** Coefficients of the accelerated start from T to tau and of merged steps from t to s. */
export const diffusion: Kind = {
  name: 'diffusion',
  recognises: ({ json }) => 'T' in json && ('start' in json || 'jump' in json),
  async run({ json }) {
    const { T, schedule: words, start, jump } = schema.parse(json);
    const betas = /^linear beta ([\d.e+-]+?)\.\.([\d.e+-]+)/.exec(words);
    if (betas === null) return { skip: `the schedule "${words}" is not known` };
    const schedule = createSchedule({
      kind: 'linear',
      steps: T,
      betaStart: Number(betas[1]),
      betaEnd: Number(betas[2]),
    });
    const comparisons = [
      ...start.flatMap(({ tau, coef_xT, ...rest }) => [
        ...compareStep(schedule, T, tau, { ...rest, coef_xt: coef_xT }),
        ...compareAll(`tau=${tau}`, rest, {
          sqrt_alpha_bar: Math.sqrt(schedule.alphaBar[tau] ?? Number.NaN),
          one_minus_alpha_bar: schedule.noiseVariance[tau] ?? Number.NaN,
          sigma_tilde: schedule.sigma[tau] ?? Number.NaN,
        }),
      ]),
      ...jump.flatMap(({ t, s, ...rest }) => compareStep(schedule, t, s, rest)),
    ];
    return worst(comparisons);
  },
};

type Stated = Readonly<Record<string, number | null | undefined>>;

function compareStep(schedule: Schedule, t: number, s: number, stated: Stated): Comparison[] {
  const small = reverse(schedule, t, s, 'small');
  const large = reverse(schedule, t, s, 'large');
  return compareAll(`${t}->${s}`, stated, {
    coef_x0: small.fromEstimate,
    coef_xt: small.fromState,
    var_posterior: small.variance,
    var_beta: large.variance,
  });
}

/** Null stands for a figure that is not defined, which leaves nothing to compare. */
function compareAll(
  part: string,
  stated: Stated,
  computed: Readonly<Record<string, number>>,
): Comparison[] {
  return Object.entries(computed).flatMap(([name, value]) => {
    const expected = stated[name];
    return typeof expected === 'number'
      ? [compareNumbers(`${part} ${name}`, value, expected, 1e-9)]
      : [];
  });
}
