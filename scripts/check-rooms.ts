import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isTestCode, roomViolations, workspaces } from './rooms.js';

const root = path.join(import.meta.dirname, '..');
const files = new Map<string, string>();
for (const folder of ['src', ...workspaces]) {
  for (const entry of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts') || entry.includes('node_modules')) continue;
    const name = entry.split(path.sep).join('/');
    const source = readFileSync(path.join(root, folder, entry), 'utf8');
    files.set(folder === 'src' ? name : `${folder}/${name}`, source);
  }
}

const violations = roomViolations(files);
for (const violation of violations) console.error(violation);
const checked = [...files.keys()].filter((file) => !isTestCode(file)).length;
console.log(`${checked} files checked, ${violations.length} violations`);
process.exitCode = violations.length === 0 && checked > 0 ? 0 : 1;
