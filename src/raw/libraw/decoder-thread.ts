import { parentPort } from 'node:worker_threads';
import { decodeMosaic } from './decode.js';
import type { DecodeRequest } from './protocol.js';
import { loadLibRaw } from './wasm.js';

const complaints: string[] = [];
const module = loadLibRaw((line) => complaints.push(line));
// Whoever asks for a file is told.
module.catch(() => undefined);

parentPort!.on('message', async (request: DecodeRequest) => {
  const reply = decodeMosaic(await module, request, complaints);
  const moved = 'mosaic' in reply ? [reply.mosaic.samples.buffer as ArrayBuffer] : [];
  parentPort!.postMessage(reply, moved);
});
