import type { LogLine } from '@horizon-atlas/sdk-admin';
import { expect, it } from 'vitest';
import { type LoggingProcess, logText } from './logs.ts';

const atMs = new Date(2026, 0, 5, 9, 3, 7).getTime();
const server: LoggingProcess = { id: 'server_01JXABCDEFGHJKMNPQRSTVWXYZ', region: 'alpha' };
const check = (line: Partial<LogLine>, several: boolean, expected: string, process = server) =>
  expect(logText(process, { atMs, stream: 'stdout', text: 'ready', ...line }, several, (text) => text)).toBe(expected);

it('a line of one process', () => check({}, false, '09:03:07  ready'));
it('a line of one of several', () => check({}, true, '09:03:07 alpha/server_…TVWXYZ  ready'));
it('of a gateway', () => check({}, true, '09:03:07 gateway_1  ready', { id: 'gateway_1', region: '' }));
it('an error, of unknown time', () => check({ atMs: null, stream: 'stderr', text: 'boom' }, false, 'err  boom'));
it('nothing that moves the cursor', () =>
  check({ atMs: null, text: '\u001b[31mred\u001b[0m\u001b[2J\u0007!' }, false, 'red\ufffd!'));
