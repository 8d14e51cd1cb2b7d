import type { CliCommand } from '../../command.js';

/** Everything about weights on disk. */
export const command: CliCommand = {
  name: 'models',
  subcommands: [
    {
      name: 'list',
      description: 'list shipped packs, stored models and published weights that can be pulled',
      load: () => import('./list.js'),
    },
    {
      name: 'inspect',
      description: 'describe a file of weights: architecture, configuration, size, work, licence',
      load: () => import('./inspect.js'),
    },
    {
      name: 'import',
      description: 'convert a checkpoint to a safetensors file with a manifest beside it',
      load: () => import('./import.js'),
    },
    {
      name: 'export',
      description: 'convert a checkpoint to an ONNX file that any runtime can run',
      load: () => import('./export.js'),
    },
    {
      name: 'pull',
      description: 'download published weights; an interrupted download resumes',
      load: () => import('./pull.js'),
    },
    {
      name: 'verify',
      description: 'hash stored models and shipped packs again; exits with 1 if one is damaged',
      load: () => import('./verify.js'),
    },
    {
      name: 'pack',
      description: 'assemble a pack from a restoration network, a denoiser and a fusion network',
      load: () => import('./pack.js'),
    },
  ],
};
