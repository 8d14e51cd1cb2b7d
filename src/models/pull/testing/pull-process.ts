import { pullModel } from '../pull-model.js';
import { entryOf, weights } from './entries.js';

/** Pulls the made-up weights from an address into a folder, and tells what happens in JSON lines. */
const [address, folder] = process.argv.slice(2) as [string, string];
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const { how } = await pullModel(entryOf(weights(), [address]), {
  folder,
  onProgress: (done) => say({ done }),
  onWait: () => say({ waits: true }),
});
say({ how });
