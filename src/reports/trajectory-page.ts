import { encodeImage } from '../images/encode.js';
import type { FusionWeights, TaskName } from '../restoration/index.js';
import type { Tensor } from '../tensor/tensor.js';
import { escapeHtml, pixelatedImage, renderPage } from './page.js';

/** A square of the result in pixels. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/** A step that is shown. */
export interface ShownStep {
  /** Its place in the chain, from 1. */
  readonly number: number;
  readonly t: number;
  /** The time of the draw that follows; 0 for the last. */
  readonly next: number;
  /** Standard deviation of the noise that the denoiser is conditioned on. */
  readonly sigma: number;
  /** Of x_IR in the fusion network, where they are functions of the time. */
  readonly weights?: FusionWeights;
}

/** What a trajectory shows, in figures. */
export interface TrajectoryFacts {
  readonly pack: string;
  readonly task: TaskName;
  readonly seed: number;
  readonly settings: object;
  readonly nfe: number;
  /** Steps of the chain. */
  readonly steps: number;
  readonly shown: readonly ShownStep[];
  /** Of the whole result, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly crop: Square;
}

/** The images of a step, [3, size, size]. */
interface StepImages {
  readonly state: Tensor;
  readonly denoised: Tensor;
  readonly estimate: Tensor;
}

/** Everything that a page of a trajectory shows. */
interface TrajectoryPage {
  readonly name: string;
  readonly facts: TrajectoryFacts;
  readonly input: { readonly label: string; readonly image: Tensor };
  /** x_IR. */
  readonly restored: Tensor;
  readonly result: Tensor;
  /** One for each step that is shown. */
  readonly steps: readonly StepImages[];
}

const rows = [
  { name: 'state', label: 'x<sub>t</sub>', note: 'the chain' },
  { name: 'denoised', label: 'x<sub>D</sub>', note: 'by the denoiser' },
  { name: 'estimate', label: 'x̂<sub>0</sub>', note: 'by the fusion network' },
] as const;

/**
 * The course of a restoration as a strip: for each step the state, what the denoiser makes of it
 * and what the fusion network makes of that and x_IR, with times, noise levels and the weights of
 * x_IR. Values beyond [0, 1] are clamped to be seen.
 */
export async function renderTrajectory(page: TrajectoryPage): Promise<string> {
  const { name, facts, input, restored, result, steps } = page;
  const { crop, shown } = facts;
  const ends = [
    await figure(input.label, input.label, input.image),
    await figure(
      'x<sub>IR</sub><small>by the restoration network, the same at every step</small>',
      'x_IR',
      restored,
    ),
    await figure('result', 'result', result),
  ];
  const lines = await Promise.all(
    rows.map(async ({ name: row, label, note }) => {
      const cells = await Promise.all(
        steps.map(async (step, index) => {
          const { number } = shown[index]!;
          return `<td>${await image(`${row}, step ${number}`, step[row])}</td>`;
        }),
      );
      return `<tr><th scope="row">${label}<small>${note}</small></th>${cells.join('')}</tr>`;
    }),
  );
  const left = facts.steps - shown.length;
  const omitted = left === 0 ? '' : ` ${left} of ${facts.steps} steps are not shown.`;
  const place = `${crop.size} pixels a side at ${crop.left}, ${crop.top} of ${facts.width} x ${facts.height}`;
  const settings = Object.entries(facts.settings).map(([key, value]) => `${key} ${value}`);
  const introduction = `Pack ${facts.pack}, ${settings.join(', ')}, seed ${facts.seed}, NFE ${facts.nfe}; ${place}.${omitted}`;
  return renderPage({
    title: `Trajectory of ${name}`,
    body: `<p class="introduction">${escapeHtml(introduction)}</p>
<section class="item ends">
${ends.join('\n')}
</section>
<section class="item"><div class="wide"><table class="strip">
<thead><tr><th scope="col">step</th>${shown.map(heading).join('')}</tr></thead>
<tbody>
${lines.join('\n')}
${weightLine(shown)}
</tbody></table></div></section>`,
    style: trajectoryStyle,
  });
}

function heading({ number, t, next, sigma }: ShownStep): string {
  const to = next === 0 ? 'then the result' : `then to ${next}`;
  return `<th scope="col">${number}<small>t = ${t}, ${to}<br>σ = ${sigma.toPrecision(3)}</small></th>`;
}

/** The weight of x_IR in the fusion network at each step; nothing if no step has it. */
function weightLine(shown: readonly ShownStep[]): string {
  if (shown.every(({ weights }) => weights === undefined)) return '';
  const cells = shown.map(({ weights = {} }) => {
    const { colours, features } = weights;
    const lines: string[] = [];
    if (colours !== undefined) lines.push(`R G B ${colours.map(share).join(' ')}`);
    if (features !== undefined) {
      const mean = features.reduce((sum, value) => sum + value, 0) / features.length;
      const range = `${share(Math.min(...features))} to ${share(Math.max(...features))}`;
      lines.push(`features ${share(mean)} (${range})`);
    }
    return `<td>${lines.join('<br>')}</td>`;
  });
  return `<tr class="weights"><th scope="row">weight of x<sub>IR</sub><small>the rest is x<sub>D</sub>'s</small></th>${cells.join('')}</tr>`;
}

function share(value: number): string {
  return value.toFixed(2);
}

async function figure(caption: string, alternative: string, shown: Tensor): Promise<string> {
  return `<figure>${await image(alternative, shown)}<figcaption>${caption}</figcaption></figure>`;
}

async function image(text: string, shown: Tensor): Promise<string> {
  return pixelatedImage(await encodeImage({ tensor: shown, bitDepth: 8 }, 'png'), text);
}

/** The look of a trajectory, besides that of every page. */
const trajectoryStyle = `
main { max-width: none; }
.ends { display: flex; flex-wrap: wrap; gap: 14px; }
.ends figure img { max-width: 100%; }
.ends figcaption { width: 0; min-width: 100%; }
.strip img { display: block; height: auto; border-radius: 3px; }
.strip th, .strip td { padding: 6px 8px 6px 0; white-space: nowrap; }
.strip th:first-child { position: sticky; left: 0; z-index: 1; background: var(--sheet); padding-right: 16px; }
.strip small { display: block; font-size: .86em; }
.weights td { font-size: .86rem; }
`;
