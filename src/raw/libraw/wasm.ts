import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What is used of LibRaw's description of a file. */
export interface LibRawMetadata {
  readonly width: number;
  readonly height: number;
  readonly raw_width: number;
  readonly raw_height: number;
  readonly raw_pitch: number;
  readonly flip: number;
  readonly camera_make: string;
  readonly camera_model: string;
  readonly iso_speed: number;
  readonly shutter: number;
  readonly aperture: number;
  readonly colors: number;
  readonly filters: number;
  readonly cdesc: string;
  readonly color_data: {
    readonly maximum: number;
    readonly cam_mul: readonly number[];
    readonly pre_mul: readonly number[];
    readonly rgb_cam: readonly (readonly number[])[];
  };
}

export interface LibRawImage {
  readonly width: number;
  readonly height: number;
  readonly colors: number;
  readonly data: Uint16Array;
}

interface LibRawSensor {
  readonly raw_width: number;
  readonly raw_height: number;
  readonly top_margin: number;
  readonly left_margin: number;
  readonly data: Uint16Array;
}

/** One decoder; its memory has to be given back with `delete`. */
export interface LibRawDecoder {
  open(bytes: Uint8Array, settings: Readonly<Record<string, unknown>>): void;
  metadata(full: boolean): LibRawMetadata;
  imageData(): LibRawImage | undefined;
  rawImageData(): LibRawSensor | undefined;
  delete(): void;
}

export interface LibRawModule {
  readonly LibRaw: new () => LibRawDecoder;
}

/**
 * LibRaw as compiled in the package libraw-wasm. Its public class needs a browser's worker; the
 * module below it runs in Node when it is handed its program.
 * @param complain receives what LibRaw prints, which is how it reports damaged samples.
 */
export async function loadLibRaw(complain: (line: string) => void): Promise<LibRawModule> {
  const require = createRequire(import.meta.url);
  const script = require.resolve('libraw-wasm/dist/libraw.js');
  const wasmBinary = await readFile(require.resolve('libraw-wasm/dist/libraw.wasm'));
  const { default: create } = (await import(pathToFileURL(script).href)) as {
    default(options: object): Promise<LibRawModule>;
  };
  return await create({ wasmBinary, print: complain, printErr: complain });
}
