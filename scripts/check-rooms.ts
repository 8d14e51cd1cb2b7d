import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isTestCode, roomViolations } from './rooms.js';

const root = path.join(import.meta.dirname, '..', 'src');
const files = new Map<string, string>();
for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
  if (!entry.endsWith('.ts')) continue;
  files.set(entry.split(path.sep).join('/'), readFileSync(path.join(root, entry), 'utf8'));
}

const violations = roomViolations(files);
for (const violation of violations) console.error(violation);
const checked = [...files.keys()].filter((file) => !isTestCode(file)).length;
console.log(`${checked} files checked, ${violations.length} violations`);
process.exitCode = violations.length === 0 && checked > 0 ? 0 : 1;
