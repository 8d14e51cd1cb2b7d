import { CancelledError } from '../../utils/errors.js';
import { exitCodes } from '../command.js';
import { start } from '../run.js';

/** A program whose commands wait until they are interrupted, politely and not. */
await start([
  {
    name: 'polite',
    configure: () => undefined,
    run: ({ report, signal }) =>
      new Promise((_, reject) => {
        const alive = setInterval(() => undefined, 1000);
        signal.addEventListener('abort', () => {
          clearInterval(alive);
          reject(new CancelledError('waiting'));
        });
        report.message('waiting');
      }),
  },
  {
    name: 'talks',
    configure: () => undefined,
    run: ({ report }) =>
      new Promise((resolve) => {
        const talk = setInterval(() => report.result({}, 'a result'), 5);
        process.stdout.once('error', () => {
          clearInterval(talk);
          report.message('the work is done');
          resolve(exitCodes.done);
        });
        report.message('waiting');
      }),
  },
  {
    name: 'deaf',
    configure: () => undefined,
    run: ({ report }) =>
      new Promise(() => {
        setInterval(() => undefined, 1000);
        report.message('waiting');
      }),
  },
]);
