import { describe, expect, it } from 'vitest';
import { type Candidate, findId } from './find-id.ts';

const candidates: Candidate[] = [
  { kind: 'region', id: 'alpha', name: 'Solar System Alpha' },
  { kind: 'region', id: 'alphabet', name: 'Letters' },
  { kind: 'server', id: 'server_01JXAAAAAAGHJKMNPQRSTVWXYZ', name: '' },
  { kind: 'server', id: 'server_01JXBBBBBBGHJKMNPQRSTVWAAA', name: '' },
  { kind: 'player', id: 'bot-1', name: 'Pilot 1' },
  { kind: 'player', id: 'bot-12', name: 'Evil\u001b[2J' },
];

const check = (typed: string, id: string) => expect(findId(typed, candidates, 'region, server or player').id).toBe(id);
const refuse = (typed: string, code: string, message: RegExp) =>
  expect(() => findId(typed, candidates, 'region, server or player')).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
  );

describe('an id is found', () => {
  it('whole, even where others begin with it', () => check('alpha', 'alpha'));
  it('whatever its case', () => check('BOT-1', 'bot-1'));
  it('by a name', () => check('letters', 'alphabet'));
  it('by a unique beginning', () => check('alphab', 'alphabet'));
  it('by a unique beginning without its kind', () => check('01JXB', 'server_01JXBBBBBBGHJKMNPQRSTVWAAA'));
  it('by the beginning of a name', () => check('Solar', 'alpha'));
  it('as a table shortened it', () => check('server_01…TVWXYZ', 'server_01JXAAAAAAGHJKMNPQRSTVWXYZ'));
  it('by its last letters', () => check('vwaaa', 'server_01JXBBBBBBGHJKMNPQRSTVWAAA'));
  it('not by too few of them', () => refuse('aaa', 'ID_UNKNOWN', /there is no region, server or player aaa/));
});

describe('and where it is not', () => {
  it('several are named', () =>
    refuse('server', 'ID_AMBIGUOUS', /could be server server_01JXA.*, server server_01JXB.*: type more/));
  it('the nearest is suggested', () => refuse('alhpa', 'ID_UNKNOWN', /did you mean alpha\?$/));
  it('what was typed and what is named is harmless', () => {
    refuse('x\u001b[2J', 'ID_UNKNOWN', /x\ufffd\[2J/);
    refuse('bot', 'ID_AMBIGUOUS', /Evil\ufffd\[2J/);
  });
  it('nothing at all', () => expect(() => findId('x', [], 'player')).toThrow('there is no player x; there is no player at all'));
});
