import { expect, test, vi } from 'vitest';
import { ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import { storeFolder } from './pull-model.js';

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

vi.mock('node:os', () => ({
  homedir: () => {
    throw new Error('A system error occurred: uv_os_homedir returned ENOENT');
  },
}));

test('a user without a home folder is told what to set', () => {
  const folders = ['DP_IR_HOME', 'XDG_DATA_HOME', 'LOCALAPPDATA'];
  for (const name of folders) vi.stubEnv(name, undefined);
  expect(() => storeFolder()).toThrow(ParameterError);
  expect(() => storeFolder()).toThrow(withSubject('DP_IR_HOME'));
  vi.stubEnv('DP_IR_HOME', '/shared');
  expect(storeFolder()).toBe('/shared/models');
  vi.unstubAllEnvs();
});
