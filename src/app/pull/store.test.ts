import { expect, test } from 'vitest';
import { storeFolder } from './store.js';

const home = '/home/ada';

test.each([
  ['linux', {}, '/home/ada/.local/share/dp-ir/models'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/dp-ir/models'],
  ['linux', { XDG_DATA_HOME: '' }, '/home/ada/.local/share/dp-ir/models'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/home/ada/Library/Application Support/dp-ir/models'],
  ['win32', { LOCALAPPDATA: '/local' }, '/local/dp-ir/models'],
  ['win32', {}, '/home/ada/AppData/Local/dp-ir/models'],
  ['linux', { DP_IR_HOME: '/shared', XDG_DATA_HOME: '/data' }, '/shared/models'],
] as const)('on %s with %j models are stored in %s', (platform, environment, expected) => {
  expect(storeFolder({ environment, platform, home })).toBe(expected);
});
