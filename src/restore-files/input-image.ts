import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BLEED_REACH, bleedColours } from '../images/bleed-colours.js';
import { srgbColour, type WorkingColour, workingColour } from '../images/colour/working-colour.js';
import {
  alphaPlane,
  colourPlanes,
  type DecodedImage,
  decodeOpened,
  metadataOf,
} from '../images/decode.js';
import { encodeImage } from '../images/encode.js';
import { formatFromPath } from '../images/format.js';
import { type DecodeLimits, type OpenImage, openImageAt } from '../images/source.js';
import { type PixelSource, readRows, streamOpened } from '../images/streamed-reader.js';
import { type DegradedInput, imageInput, rectangleOf } from '../restoration/index.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { cropped, type Rectangle } from '../tensor/window.js';
import { OutputError } from '../utils/errors.js';
import { MAX_FILE_BYTES, MAX_PIXELS, WHOLE_IMAGE_PIXELS } from '../utils/limits.js';
import { type ResultLimit, requireResultSize } from './restore-session.js';
import { type AlphaRows, ResultFile } from './result-file.js';

/** The most bytes of an image's file that is read, for results of so many pixels. */
export function mostImageBytes({ maxBytes }: DecodeLimits = {}, maxPixels = MAX_PIXELS): number {
  return maxBytes ?? Math.max(MAX_FILE_BYTES, 8 * maxPixels);
}

/** How an image is read, and which metadata its result keeps. */
export interface ImageReading {
  /** Drops EXIF, XMP and profile from the result, whose colours are converted to sRGB. */
  readonly strip?: boolean | undefined;
  /** Bounds of the file; default: those of `decodeImage`, or more where results may be larger. */
  readonly limits?: DecodeLimits | undefined;
  /** Pixels of the largest image that is held in memory. */
  readonly streamed?: number | undefined;
}

/** A decoded image and the file that its result goes to. */
export interface ImageFile {
  /** R G B in [0, 1], with the curve of sRGB. */
  readonly input: DegradedInput;
  /** Takes the result with the depth, profile, EXIF, XMP and alpha of the input. */
  readonly result: ResultFile;
  /** Releases the image once the result is written. */
  close(): Promise<void>;
}

/** The pixels of an image, in memory or on the disk. */
interface OpenPixels extends Pick<ImageFile, 'input' | 'close'> {
  readonly policy: ColourPolicy;
  readonly alpha?: AlphaRows;
}

/**
 * Decodes an image after checking that its result can be written: a long restoration must not fail
 * at its end over the name of a file. A large image is decoded to a temporary file beside the result.
 * @throws InputError or LimitError for the input; ParameterError where the output's format cannot
 * hold the image's depth, alpha or size; OutputError where its folder is missing or not writable.
 */
export async function openImageFile(
  input: string,
  output: string,
  limit: ResultLimit,
  { streamed = WHOLE_IMAGE_PIXELS, strip = false, limits: own = {} }: ImageReading = {},
): Promise<ImageFile> {
  const format = formatFromPath(output);
  await requireWritable(output);
  const limits = {
    ...own,
    maxPixels: own.maxPixels ?? Math.max(MAX_PIXELS, limit.maxPixels),
    maxBytes: mostImageBytes(own, limit.maxPixels),
  };
  const image = await openImageAt(input, limits);
  let opened: OpenPixels;
  try {
    const { header } = image;
    requireResultSize(input, header, limit);
    const { metadata } = colourPolicy(metadataOf(header), strip);
    await encodeImage(pixelLike(metadata, header.hasAlpha), format);
    const isLarge = header.width * header.height > streamed;
    opened = isLarge ? await openOnDisk(image, output, strip) : await openInMemory(image, strip);
  } finally {
    await image.close();
  }
  try {
    const { policy, alpha } = opened;
    const { metadata, toStored } = policy;
    const { scale } = limit;
    const size = { height: opened.input.height * scale, width: opened.input.width * scale, scale };
    const layout = { path: output, ...size, ...metadata, toStored, ...(alpha && { alpha }) };
    return { input: opened.input, result: new ResultFile(layout), close: opened.close };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openInMemory(file: OpenImage, strip: boolean): Promise<OpenPixels> {
  const { tensor: image, alpha, ...found } = await decodeOpened(file);
  const policy = colourPolicy(found, strip);
  const width = image.shape[2]!;
  const rows: AlphaRows = async (first, end) =>
    tensor([1, end - first, width], alpha!.data.subarray(first * width, end * width));
  return {
    input: imageInput(prepareColours(image, alpha, policy.colour)),
    policy,
    ...(alpha && { alpha: rows }),
    close: async () => undefined,
  };
}

async function openOnDisk(file: OpenImage, output: string, strip: boolean): Promise<OpenPixels> {
  const { pixels, hasAlpha, ...found } = await streamOpened(file, output);
  const policy = colourPolicy(found, strip);
  const rows: AlphaRows = async (first, end) =>
    alphaPlane(await readRows(pixels, first, end - first));
  return {
    input: streamedInput(pixels, hasAlpha, policy.colour),
    policy,
    ...(hasAlpha && { alpha: rows }),
    close: () => pixels.close(),
  };
}

/** @throws OutputError where a file cannot be made of this name. */
export async function requireWritable(output: string): Promise<void> {
  if (await writable(output)) return;
  try {
    await access(dirname(output), constants.W_OK);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'its folder does not exist' : 'its folder is not writable';
    throw new OutputError(output, `cannot be written: ${reason}`, { cause });
  }
}

function writable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** One pixel with the metadata of the image, to check that the format can hold them. */
function pixelLike(metadata: ImageMetadata, hasAlpha: boolean) {
  return {
    ...metadata,
    tensor: tensor([3, 1, 1]),
    ...(hasAlpha && { alpha: tensor([1, 1, 1]) }),
  };
}

/** An image that is read from the disk tile by tile. */
function streamedInput(
  pixels: PixelSource,
  hasAlpha: boolean,
  colour: WorkingColour,
): DegradedInput {
  const { height, width } = pixels;
  return {
    height,
    width,
    cut: async (tile) => {
      const { shape, data } = await preparePart(pixels, rectangleOf(tile), hasAlpha, colour);
      return tensor([1, ...shape], data);
    },
    finish: (output) => output,
  };
}

/** Metadata of an image file. */
export type ImageMetadata = Omit<DecodedImage, 'tensor' | 'alpha'>;

/** Conversion of colours from the file to the networks and back, and metadata of the result. */
export interface ColourPolicy {
  /** Metadata of the result. */
  readonly metadata: ImageMetadata;
  readonly colour: WorkingColour;
  /** Rows [3, rows, W] from the networks as the result's file stores them. */
  toStored(rows: Tensor): Tensor;
}

/**
 * @param strip drops EXIF, XMP and profile. Colours are then converted to sRGB; a profile of another
 * kind than curves and matrix is kept, since colours would be wrong without it.
 */
export function colourPolicy(found: ImageMetadata, strip: boolean): ColourPolicy {
  const own = found.icc === undefined ? srgbColour : workingColour(found.icc);
  const colour = own ?? srgbColour;
  if (!strip) return { metadata: found, colour, toStored: (rows) => colour.fromWorking(rows) };
  const { bitDepth, grey, icc } = found;
  const keepsProfile = own === undefined && icc !== undefined;
  return {
    metadata: { bitDepth, grey, ...(keepsProfile && { icc }) },
    colour,
    toStored: (rows) => colour.toSrgb(rows),
  };
}

/** Stored colours [3, H, W] as the networks receive them: with the curve of sRGB, also under transparent pixels. */
export function prepareColours(
  stored: Tensor,
  alpha: Tensor | undefined,
  colour: WorkingColour,
): Tensor {
  const working = colour.toWorking(stored);
  return alpha === undefined ? working : bleedColours(working, alpha);
}

/** A part of an image on disk with the colours that the whole image would have. */
async function preparePart(
  pixels: PixelSource,
  wanted: Rectangle,
  hasAlpha: boolean,
  colour: WorkingColour,
): Promise<Tensor> {
  if (!hasAlpha) return colour.toWorking(colourPlanes(await pixels.read(wanted)));
  const top = Math.max(0, wanted.top - BLEED_REACH);
  const left = Math.max(0, wanted.left - BLEED_REACH);
  const bottom = Math.min(pixels.height, wanted.top + wanted.height + BLEED_REACH);
  const right = Math.min(pixels.width, wanted.left + wanted.width + BLEED_REACH);
  const around = { top, left, height: bottom - top, width: right - left };
  const raster = await pixels.read(around);
  const whole = prepareColours(colourPlanes(raster), alphaPlane(raster), colour);
  return cropped(whole, { ...wanted, top: wanted.top - top, left: wanted.left - left });
}
