import { describe, expect, it } from 'vitest';
import { cut, cutMiddle, harmless, harmlessLine, isolated, pad, widthOf } from './text-width.ts';

describe('names are made harmless', () => {
  const check = (raw: string, expected: string) => expect(harmless(raw)).toBe(expected);

  it('no escape sequence', () => check('a\u001b[2Jb\u009b31mc\u0007', 'a\ufffd[2Jb\ufffd31mc\ufffd'));
  it('no second line', () => check('a\r\nb\u2028c\td', 'a b\ufffdc d'));
  it('nothing that turns text round or hides it', () =>
    check('\u202eevil\u2066x\u200f\u200by\ufeff\u00ad', '\ufffdevil\ufffdx\ufffd\ufffdy\ufffd\ufffd'));
  it('no joiner but between pictures', () => check('a\u200db 👩\u200d🚀 ❤\ufe0f\u200d🔥', 'a\ufffdb 👩\u200d🚀 ❤\ufe0f\u200d🔥'));
  it('no lone half of a pair', () => check('a\ud800b', 'a\ufffdb'));
  it('no tower of marks', () => check(`z${'\u0351'.repeat(30)}!`, `z${'\u0351'.repeat(4)}!`));
  it('what is fine stays', () => check('Zoë 王小明 محمد 🇩🇪 e\u0301', 'Zoë 王小明 محمد 🇩🇪 e\u0301'));
  it('a log line loses its colours and keeps its text', () =>
    expect(harmlessLine('\u001b[32mok\u001b[0m \u001b]0;title\u0007done\r')).toBe('ok done'));
});

describe('names are measured in columns', () => {
  it.each([
    ['abc', 3],
    ['王小明', 6],
    ['👩\u200d🚀', 2],
    ['e\u0301', 1],
    ['ｱ', 1],
    ['', 0],
  ])('%s takes %d', (text, width) => expect(widthOf(text)).toBe(width));

  it.each([
    ['abcdef', 4, 'abc…'],
    ['王小明', 5, '王小…'],
    ['王小明', 4, '王…'],
    ['abc', 3, 'abc'],
    ['abc', 0, ''],
    ['👩\u200d🚀👩\u200d🚀', 3, '👩\u200d🚀…'],
  ])('%s cut to %d is %s', (text, room, expected) => expect(cut(text, room)).toBe(expected));

  it.each([
    ['server_01JXABCDEFGHJKMNPQRSTVWXYZ', 16, 'server_01…TVWXYZ'],
    ['server_01JXABCDEFGHJKMNPQRSTVWXYZ', 8, 'ser…WXYZ'],
    ['alpha', 5, 'alpha'],
    ['alpha', 3, 'al…'],
  ])('%s cut to %d in the middle is %s', (text, room, expected) => expect(cutMiddle(text, room)).toBe(expected));

  it('filled up', () => expect([pad('王', 4), pad('7', 3, true), pad('long', 2)]).toEqual(['王  ', '  7', 'long']));
  it('text from right to left keeps to itself', () =>
    expect([isolated('abc'), isolated('שלום')]).toEqual(['abc', '\u2068שלום\u2069']));
});
