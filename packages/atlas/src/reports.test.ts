import { AtlasError } from '@horizon-atlas/protocol';
import { expect, it } from 'vitest';
import { refusalOf } from './reports.ts';

const coded = (code: string) => Object.assign(new Error(code), { code });

it.each([
  ['what Atlas itself refuses', new AtlasError('PORT_IN_USE'), 'PORT_IN_USE'],
  ['a damaged database, as the adapter says it', coded('STORE_CORRUPT'), 'STORE_CORRUPT'],
  ['a database of a newer Atlas', coded('STORE_NEWER'), 'STORE_NEWER'],
  ['a store that may answer in a moment', coded('STORE_UNAVAILABLE'), undefined],
  ["the system's own code", coded('EACCES'), undefined],
  ['a name that every object has', coded('toString'), undefined],
  ['a bug', new TypeError('x is not a function'), undefined],
  ['nothing', undefined, undefined],
])('%s is no reason to start again and again, or is', (_what, error, code) => expect(refusalOf(error)).toBe(code));
