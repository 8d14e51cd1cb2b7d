#!/usr/bin/env node
import { commands } from './program.js';
import { start } from './run.js';

await start(commands);
