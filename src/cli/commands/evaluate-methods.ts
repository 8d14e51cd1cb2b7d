import { z } from 'zod';
import type { MethodSpec, NetworkMethod } from '../../benchmark/evaluation/method.js';
import { ParameterError } from '../../utils/errors.js';
import { asFlag, defined } from '../options.js';
import { restoreShape } from './restore/restore-options.js';

/** Settings of a sampling chain; a restoration network alone has none. */
const chainNames = [
  ...(['tau', 'steps', 'start', 'sampler', 'eta', 'variance', 'noiseLevel'] as const),
  ...(['consistency', 'detail', 'denoiser', 'fusion'] as const),
] as const;
const settingsSchema = z.strictObject({
  name: z.string().min(1).optional(),
  ...restoreShape([...chainNames, 'restorer', 'tile', 'frames']),
  beyondTraining: z.literal('true').optional(),
});
type Settings = z.infer<typeof settingsSchema>;

/** What `--methods` takes, for help. */
export const METHODS_HELP =
  'comma-separated: pack:PACK, restorer:PACK, bicubic, input, outputs:NAME=FOLDER; settings follow ' +
  'as in pack:sr4@tau=50@steps=10@name=fast';

/**
 * Reads `pack:PACK`, `restorer:PACK`, `bicubic`, `input` and `outputs:NAME=FOLDER`, separated by
 * commas. Settings follow as `@KEY=VALUE`: those of the sampler, `restorer`, `denoiser` and `fusion`
 * for files in place of a pack's modules, `tile`, `frames`, `beyond-training=true`, and `name` for
 * what results call the method.
 * @param defaults tau and steps of packs that state none.
 * @throws ParameterError
 */
export function parseMethods(
  list: string,
  defaults: { readonly tau?: number | undefined; readonly steps?: number | undefined } = {},
): MethodSpec[] {
  return list.split(',').map((method) => parseMethod(method.trim(), defaults));
}

function parseMethod(
  method: string,
  defaults: { readonly tau?: number | undefined; readonly steps?: number | undefined },
): MethodSpec {
  const outputs = /^outputs:([^=]+)=(.+)$/.exec(method);
  if (outputs !== null) return { kind: 'outputs', name: outputs[1]!, folder: outputs[2]! };
  const [head = '', ...parts] = method.split(/@(?=[a-z-]+=)/);
  const { name = head, ...settings } = parseSettings(method, parts);
  const refuse = (keys: readonly (keyof Settings)[]): void => {
    for (const key of keys)
      if (settings[key as keyof typeof settings] !== undefined)
        throw new ParameterError('--methods', `no ${asFlag(key).slice(2)} of ${head}`, method);
  };
  if (head === 'bicubic' || head === 'input') {
    refuse(Object.keys(settings) as (keyof Settings)[]);
    return { kind: head, name };
  }
  const network = /^(pack|restorer):(.+)$/.exec(head);
  if (network === null) throw new ParameterError('--methods', METHODS_HELP, method);
  const kind = network[1] as 'pack' | 'restorer';
  if (kind === 'restorer') refuse([...chainNames, 'beyondTraining']);
  return networkMethod(kind, network[2]!, name, kind === 'pack' ? defaults : {}, settings);
}

function networkMethod(
  kind: NetworkMethod['kind'],
  pack: string,
  name: string,
  defaults: { readonly tau?: number | undefined; readonly steps?: number | undefined },
  { restorer, denoiser, fusion, tile, frames, ...more }: Omit<Settings, 'name'>,
): NetworkMethod {
  const { beyondTraining, consistency, detail, ...own } = more;
  const sampler = defined({ ...defined(defaults), ...defined(own) });
  const modules = defined({ restorer, denoiser, fusion });
  return {
    ...{ kind, name, pack },
    ...(Object.keys(sampler).length > 0 && { sampler }),
    ...(Object.keys(modules).length > 0 && { modules }),
    ...defined({ tile, frames, consistency, detail }),
    ...(beyondTraining === undefined ? {} : { beyondTraining: true }),
  };
}

function parseSettings(method: string, parts: readonly string[]): Settings {
  const entries = parts.map((part) => {
    const at = part.indexOf('=');
    const name = part
      .slice(0, at)
      .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [name, part.slice(at + 1)] as const;
  });
  const result = settingsSchema.safeParse(Object.fromEntries(entries));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const name = issue.path.map((key) => asFlag(String(key)).slice(2)).join('.');
  const problem = `${name} ${issue.message}`.trim();
  throw new ParameterError('--methods', 'known settings', method, problem);
}
