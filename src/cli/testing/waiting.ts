import { CancelledError } from '../../tensor/errors.js';
import { start } from '../start.js';

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
    name: 'deaf',
    configure: () => undefined,
    run: ({ report }) =>
      new Promise(() => {
        setInterval(() => undefined, 1000);
        report.message('waiting');
      }),
  },
]);
