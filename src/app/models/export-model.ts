import { writeFileAtomic } from '../../files/write-atomic.js';
import { ModelError } from '../../tensor/errors.js';
import {
  type ExportedModel,
  type ExportSize,
  exportModule,
  exportPerceptual,
} from '../../weights/export-onnx.js';
import { type CheckpointOptions, decodeModel } from '../../weights/load-checkpoint.js';
import { readModelFile } from './model-file.js';

/** What was exported. */
export interface ExportFacts extends Omit<ExportedModel, 'bytes'> {
  readonly network: string;
  readonly bytes: number;
  readonly licence: string;
}

/**
 * Writes a model as an ONNX file.
 * @throws ModelError where the file is none, is ONNX already, or cannot have dynamic axes;
 * ParameterError for the size; OutputError where the file cannot be written.
 */
export async function exportModel(
  from: string,
  to: string,
  size: ExportSize,
  options: CheckpointOptions = {},
): Promise<ExportFacts> {
  const { bytes, licence } = await readModelFile(from);
  const decoded = decodeModel(bytes, from, options);
  if (decoded.kind === 'onnx') throw new ModelError(from, 'is an ONNX model already');
  const model =
    decoded.kind === 'network'
      ? exportModule(decoded.module, size)
      : exportPerceptual(decoded.module, size);
  await writeFileAtomic(to, model.bytes);
  return { network: decoded.module.network.name, ...model, bytes: model.bytes.length, licence };
}
