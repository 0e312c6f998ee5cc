import { describe, expect, it } from 'vitest';
import { areDecided, scopesFor } from './oidc-rules.ts';

const rule = (claim: string, value: string) => [{ claim, value, scopes: ['read'] as const }];

describe('a rule of who may in', () => {
  it.each([
    ['a claim', { hd: 'example.com' }, rule('hd', 'example.com'), true],
    ['a list', { groups: ['a', 'b'] }, rule('groups', 'b'), true],
    ['a claim within claims', { realm_access: { roles: ['ops'] } }, rule('realm_access.roles', 'ops'), true],
    ['a name with dots', { 'https://example.com/roles': 'ops' }, rule('https://example.com/roles', 'ops'), true],
    ['true', { staff: true }, rule('staff', 'true'), true],
    ['an address that was looked at', { email: 'a@b.c', email_verified: true }, rule('email', 'a@b.c'), true],
    ['an address that was not', { email: 'a@b.c', email_verified: false }, rule('email', 'a@b.c'), false],
    ['a part of a text', { groups: 'operators-of-nothing' }, rule('groups', 'operators'), false],
    ['nothing', {}, rule('groups', 'undefined'), false],
    ['an object', { groups: {} }, rule('groups', '[object Object]'), false],
    ['what every object has', {}, rule('constructor.name', 'Object'), false],
  ])('%s', (_what, claims, rules, expected) => expect(scopesFor(claims, rules)).toEqual(expected ? ['read'] : []));

  it('counts together with the others that match', () => {
    const rules = [...rule('sub', 'a'), { claim: 'groups', value: 'g', scopes: ['operate'] as const }];
    expect(scopesFor({ sub: 'a', groups: ['g'] }, rules)).toEqual(['read', 'operate']);
    expect([areDecided({ sub: 'a' }, rules), areDecided({ sub: 'a', groups: [] }, rules)]).toEqual([false, true]);
  });
});
