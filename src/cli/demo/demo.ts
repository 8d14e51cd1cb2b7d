import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { makeFolder } from '../../files/output-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { encodeImage } from '../../images/encode.js';
import { logSpectralDistance } from '../../metrics/log-spectral.js';
import { psnr } from '../../metrics/psnr.js';
import { writeComparisonPage } from '../../reports/comparison-page.js';
import { type RestoreCall, type RestoredImage, restoreImage } from '../../restore-files/restore.js';
import type { Tensor } from '../../tensor/tensor.js';
import { ModelError } from '../../utils/errors.js';
import { demoPage, photographSubject, rounded, type Subject, type Version } from './demo-page.js';

/** A photograph by Stefan van der Walt, CC0; see NOTICE. */
const samplePhotograph = fileURLToPath(new URL('../../../demo/chelsea.png', import.meta.url));

export interface DemoOptions extends RestoreCall {
  /** A photograph; the one that comes with the package by default. */
  readonly image?: string | undefined;
  /** Folder for the images and the page; made where it does not exist. */
  readonly output: string;
}

/** Files and measures of a demo. */
export interface DemoReport {
  /** Path of the page. */
  readonly page: string;
  readonly subject: string;
  readonly history: readonly string[];
  readonly facts: Omit<RestoredImage, 'image' | 'restored'>;
  /** All versions of the image with their files, and their measures where the target is known. */
  readonly versions: readonly DemoVersion[];
}

export interface DemoVersion {
  readonly name: string;
  readonly file: string;
  readonly measures?: Measures;
}

/**
 * Restores a photograph and writes every version of it, with a page to compare them.
 * @param restore replaces the restoration in tests.
 * @throws InputError for the photograph, OutputError for the folder, and what `restore` throws.
 */
export async function runDemo(
  { image, output, ...call }: DemoOptions,
  restore: typeof restoreImage = restoreImage,
): Promise<DemoReport> {
  const subject = await photographSubject(image ?? samplePhotograph);
  const result = await restore(subject.low, call);
  const { image: sampled, restored, ...facts } = result;
  if (facts.width !== 4 * subject.low.shape[2]!)
    throw new ModelError(facts.pack, 'does not enlarge by 4, as the demo needs');

  const folder = resolve(output);
  await makeFolder(folder);
  const versions: Version[] = [];
  for (const [name, label, pixels] of imagesOf(subject, restored, sampled)) {
    const { icc } = subject;
    const encoded = { tensor: pixels, bitDepth: 8, ...(icc !== undefined && { icc }) } as const;
    const png = await encodeImage(encoded, 'png');
    const file = join(folder, `${name}.png`);
    await writeFileAtomic(file, png);
    const compared = subject.target !== undefined && name !== 'input' && name !== 'target';
    versions.push({
      name,
      label,
      png,
      file,
      ...(compared && { measures: measure(subject.target, pixels) }),
    });
  }
  const page = join(folder, 'index.html');
  await writeComparisonPage(page, demoPage(subject, versions, facts));
  return {
    page,
    subject: subject.name,
    history: subject.history,
    facts,
    versions: versions.map(({ name, file, measures }) => ({
      name,
      file,
      ...(measures !== undefined && { measures }),
    })),
  };
}

/** The versions as 8-bit files hold them, in the order in which the page lists them. */
function imagesOf(
  { low, target }: Subject,
  restored: Tensor,
  sampled: Tensor,
): readonly (readonly [name: string, label: string, pixels: Tensor])[] {
  return [
    ['input', 'Input, enlarged by pixel', rounded(low)],
    ['bicubic', 'Bicubic', rounded(resizeBicubic(low, { scale: 4 }))],
    ['restorer', 'Restoration network alone', rounded(restored)],
    ['dp-ir', 'DP-IR sample', rounded(sampled)],
    ...(target === undefined ? [] : [['target', 'Target', target] as const]),
  ];
}

/** How near an image is to its target. */
export interface Measures {
  /** Luma without 4 pixels along every edge, in dB; higher is nearer. */
  readonly psnr: number;
  /** Distance of the radial log power spectra of the same lumas, in dB; lower is nearer. */
  readonly logSpectral: number;
}

const border = 4;
const fidelity = psnr.open({ colourSpace: 'luma', border });
const spectrum = logSpectralDistance.open({ border });

/** Measures an image against its target, both [3, H, W] in [0, 1]. */
function measure(target: Tensor, image: Tensor): Measures {
  return {
    psnr: fidelity.measure(image, target),
    logSpectral: spectrum.measure(image, target),
  };
}
