import { extname } from 'node:path';
import type { SharpOptions } from 'sharp';
import sharp from 'sharp';
import { detectFormat } from '../../images/format.js';
import { decoderOptions, decoding, openPicture } from '../../images/source.js';
import { InputError, LimitError } from '../../tensor/errors.js';
import { type BayerPhase, type MosaicWindow, packMosaic } from '../bayer.js';
import type { RawFrame, RawLimits } from '../frame.js';
import { readSidecar, type Sidecar, sidecarCamera } from './sidecar.js';

/** Whether a file is a mosaic in a picture: a PNG by its content, or a TIFF by its name. */
export function isMosaicFile(path: string, bytes: Uint8Array): boolean {
  return detectFormat(bytes) === 'png' || /^\.tiff?$/i.test(extname(path));
}

/**
 * A mosaic in a PNG or TIFF of 16 bits: one channel as the sensor stands, or four, each pixel one
 * cell row by row. NAME.json beside it says the rest.
 * @throws InputError where picture or description are missing, damaged or something else;
 * LimitError beyond a limit.
 */
export async function readMosaic(
  path: string,
  bytes: Uint8Array,
  limits: Required<RawLimits>,
): Promise<RawFrame> {
  const sidecar = await readSidecar(path);
  const { header, format } = await openPicture(bytes, path, limits);
  const { channels, width, height, depth } = header;
  if (depth !== 'ushort' || (channels !== 1 && channels !== 4) || header.space === 'cmyk')
    throw new InputError(
      path,
      `has ${depth === 'ushort' ? 16 : 8} bits in ${channels} channels of ${header.space}; a mosaic has 16 bits in one channel, or in four`,
    );
  if (width * height * channels > limits.maxPixels)
    throw new LimitError(
      path,
      `the mosaic has ${width * height * channels} samples, the limit is ${limits.maxPixels}; raise \`limits.maxPixels\` to read it`,
    );
  const samples = await decoding(path, format, (strictness) =>
    rawSamples(bytes, channels, strictness),
  );
  const mosaic = channels === 1 ? samples : spread(samples, width, height);
  const sides = channels === 1 ? { width, height } : { width: 2 * width, height: 2 * height };
  if (sides.width < 4 || sides.height < 4)
    throw new InputError(path, `${sides.width} x ${sides.height} samples are too few`);
  const { white, black } = levelsOf(path, sidecar);
  const phase = sidecar.phase as BayerPhase;
  const window: MosaicWindow = {
    samples: mosaic,
    stride: sides.width,
    top: 0,
    left: 0,
    ...sides,
    phase,
    black,
    white,
  };
  const { orientation, exposureSeconds, iso, aperture, make, model } = sidecar;
  return {
    name: path,
    packed: packMosaic(window),
    metadata: {
      camera: sidecarCamera(path, sidecar),
      orientation,
      ...(exposureSeconds !== undefined && { exposureSeconds }),
      ...(iso !== undefined && { iso }),
      ...(aperture !== undefined && { aperture }),
      ...(make !== undefined && { make }),
      ...(model !== undefined && { model }),
    },
    sensor: { ...sides, phase },
    notes: [],
  };
}

async function rawSamples(
  bytes: Uint8Array,
  channels: 1 | 4,
  strictness: SharpOptions,
): Promise<Uint16Array> {
  const space = channels === 1 ? 'grey16' : 'rgb16';
  const { data, info } = await sharp(bytes, { ...decoderOptions, ...strictness, ignoreIcc: true })
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new Error(`decoded to ${info.channels} channels`);
  return new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
}

/** Pixels of four channels as the mosaic that they were taken from. */
function spread(cells: Uint16Array, width: number, height: number): Uint16Array {
  const mosaic = new Uint16Array(cells.length);
  for (let y = 0; y < 2 * height; y++)
    for (let x = 0; x < 2 * width; x++)
      mosaic[y * 2 * width + x] = cells[4 * ((y >> 1) * width + (x >> 1)) + 2 * (y & 1) + (x & 1)]!;
  return mosaic;
}

function levelsOf(path: string, sidecar: Sidecar): { black: number[]; white: number[] } {
  const four = (value: number | number[]) =>
    typeof value === 'number' ? new Array<number>(4).fill(value) : value;
  const black = four(sidecar.black);
  const white = four(sidecar.white);
  if (white.some((value, cell) => !(value > black[cell]!)))
    throw new InputError(path, `its white level ${white} is not above its black level ${black}`);
  return { black, white };
}
