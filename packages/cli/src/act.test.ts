import { expect, it } from 'vitest';
import { actionLines } from './act.ts';

const killed = {
  action: 'kill' as const,
  subject: 'server_1',
  done: false,
  effects: ['12 players of Trading Hub wait\u001b[2J about 0.5 s'],
  playersAffected: 12,
};
const check = (change: Partial<typeof killed>, lines: string[]) => expect(actionLines({ ...killed, ...change })).toEqual(lines);

it('says what would happen', () =>
  check({}, ['Would kill server_1 (12 players affected)', '  12 players of Trading Hub wait\ufffd[2J about 0.5 s']));
it('says what was done', () => check({ done: true, playersAffected: 1, effects: [] }, ['Killed server_1 (1 player affected)']));
it('says who is not affected', () => check({ playersAffected: 0, effects: [] }, ['Would kill server_1 (no player affected)']));
