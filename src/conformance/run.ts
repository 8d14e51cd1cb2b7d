import { DpirError } from '../utils/errors.js';
import { runCases } from './run-cases.js';

const folders = process.argv.slice(2);
if (folders.length === 0 || folders.some((folder) => folder.startsWith('-'))) {
  console.error('usage: npm run conformance -- DIR [DIR...]');
  process.exitCode = 2;
} else {
  try {
    const { passed, failed, skipped } = await runCases(folders, (line) => console.log(line));
    if (passed + failed + skipped === 0) console.error(`no cases in ${folders.join(', ')}`);
    process.exitCode = failed > 0 || passed + skipped === 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof DpirError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
