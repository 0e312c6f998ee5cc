import { expect, test } from 'vitest';
import { nameFor, nameTrouble, titleOf } from './project-name.ts';

test.each(['my-world', 'a', '@me/my.world', 'x_y~z', '1st'])('%s is a name', (name) => {
  expect(nameTrouble(name)).toBeUndefined();
});

test.each([
  ['', /at least one/],
  ['My-World', /capital/],
  ['.hidden', /dot/],
  ['_private', /underscore/],
  ['my world', /only letters/],
  ['wörld', /only letters/],
  ['@me', /@scope\/name/],
  ['@/x', /@scope\/name/],
  ['a/b', /only letters/],
  ['$(reboot)', /only letters/],
  ['node_modules', /keeps for itself/],
  ['fs', /part of Node/],
  ['horizon-atlas', /stands on/],
  ['x'.repeat(215), /at most/],
])('%j is none', (name, why) => {
  expect(nameTrouble(name)).toMatch(why);
});

test.each([
  ['My World', 'my-world'],
  ['Zürich 2', 'zu-rich-2'],
  ['.secret', 'secret'],
  ['世界', 'my-world'],
  ['fs', 'my-world'],
])('the folder %s makes the name %s', (folder, name) => expect(nameFor(folder)).toBe(name));

test('a title is for people', () => {
  expect(titleOf('my-world')).toBe('My world');
  expect(titleOf('@me/big_game')).toBe('Big game');
});
