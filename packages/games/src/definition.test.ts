import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkGame, checkVariables, type GameInput, loadGame, shippedGames } from './index.ts';

const good: GameInput = {
  name: 'Test',
  argv: ['server', '-p', '{{port.game}}', { when: 'map', args: ['-m', '{{map}}'] }],
  variables: { map: { type: 'string', default: '' }, slots: { type: 'integer', minimum: 1, maximum: 8, default: 4 } },
  ports: { game: { protocol: 'udp' }, query: { protocol: 'udp', offset: { of: 'game', add: 1 } } },
};

/** The complaints about the good definition with this laid over it, as `path: expected`. */
function wrong(more: object): string[] {
  const checked = checkGame({ ...good, ...more });
  return checked.ok ? [] : checked.complaints.map(({ path, expected }) => `${path}: ${expected}`);
}

const dir = mkdtempSync(join(tmpdir(), 'atlas-definition-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('a definition', () => {
  it('is fine as it is', () => {
    expect(wrong({})).toEqual([]);
  });

  it.each([
    ['a field that does not exist', { portz: {} }, 'portz: ports; there is no portz'],
    ['no program', { argv: [''] }, 'argv[0]: the program, a text'],
    [
      'a placeholder that stands for nothing',
      { argv: ['server', '{{prot}}'] },
      /^argv\[1\]: placeholders out of host, dir, .*port\.game/,
    ],
    [
      'a pattern that chat can match',
      { ready: { any: [{ log: 'ready' }] } },
      /^ready\.any\[0\]\.log: a regular expression that begins with \^/,
    ],
    ['a condition outside of a list', { ready: { log: '^up$' } }, 'ready.log: conditions in a list: all of them, or any'],
    ['a port that is no port of it', { ready: { all: [{ bound: 'gmae' }] } }, 'ready: a port of this definition'],
    ['an offset to nowhere', { ports: { game: { protocol: 'udp', offset: { of: 'x', add: 1 } } } }, /^ports\.game\.offset\.of: /],
    ['a protocol that does not exist', { ports: { game: { protocol: 'sctp' } } }, /^ports\.game\.protocol: one of 'udp'/],
    [
      'a default out of range',
      { variables: { map: { type: 'string' }, slots: { type: 'integer', maximum: 8, default: 9 } } },
      /^variables\.slots\.default: a whole number/,
    ],
    ['join without leave', { players: { join: '^(?<player>.+) joined' } }, 'players: both join and leave, or a list'],
    ['a pattern without its group', { players: { list: '^players: .*' } }, 'players.list: the group (?<players>…)'],
    ['a query that is waited for and not there', { ready: { any: [{ query: true }] } }, /^ready: a query/],
    ['a file outside of the folder', { files: [{ path: '../x', text: '' }] }, /^files\[0\]\.path: a path below/],
    ['any and all', { ready: { any: [{ bound: 'game' }], all: [{ bound: 'game' }] } }, /^ready: /],
    ['nothing by which it could be ready', { ports: { game: { protocol: 'udp', check: false } } }, /^ready: a condition/],
  ])('says what is wrong: %s', (_, more, expected) => {
    expect(wrong(more)).toEqual([expect.stringMatching(expected instanceof RegExp ? expected : escaped(expected))]);
  });

  it('shows conditions as they are to be written', () => {
    const example = (log: unknown) => {
      const checked = checkGame({ ...good, ready: { log } });
      return checked.ok ? '' : checked.complaints[0]?.example;
    };
    expect(example('^up$')).toBe('{ all: [{ log: "^up$" }] }');
    expect(example(['^up$', '^ready$'])).toBe('{ any: [{ log: "^up$" }, { log: "^ready$" }] }');
  });

  it('keeps secrets out of arguments', () => {
    const variables = { password: { type: 'string' as const, secret: true, generate: 16 } };
    expect(wrong({ argv: ['server', '{{password}}'], variables })).toEqual([expect.stringMatching(/^argv\[1\]: no secret/)]);
    expect(wrong({ argv: ['server'], env: { PASSWORD: '{{password}}' }, variables })).toEqual([]);
  });

  it('is read from YAML, JSON and modules, and from those that Atlas brings along', async () => {
    writeFileSync(join(dir, 'a.yaml'), 'name: A\nargv: [server]\nports: { game: { protocol: udp } }\n');
    writeFileSync(join(dir, 'b.json'), JSON.stringify(good));
    writeFileSync(join(dir, 'c.mjs'), `export default ${JSON.stringify(good)}`);
    expect((await loadGame('./a.yaml', dir)).definition.name).toBe('A');
    expect((await loadGame('b.json', dir)).definition.ports.query?.offset).toEqual({ of: 'game', add: 1 });
    expect((await loadGame('./c.mjs', dir)).id).toBe('c');
    for (const name of shippedGames()) expect((await loadGame(name, dir)).id).toBe(name);
  });

  it('that cannot be found or read is refused with what to do', async () => {
    await expect(loadGame('bzflg', dir)).rejects.toMatchObject({
      code: 'GAME_UNKNOWN',
      message: expect.stringContaining('did you mean bzflag?'),
    });
    await expect(loadGame('./none.yaml', dir)).rejects.toMatchObject({ code: 'GAME_UNKNOWN' });
    writeFileSync(join(dir, 'broken.yaml'), 'name: [');
    await expect(loadGame('./broken.yaml', dir)).rejects.toMatchObject({ code: 'GAME_INVALID' });
    writeFileSync(join(dir, 'wrong.yaml'), 'name: A\nargv: [server]\nports: { game: { protocol: udp, prot: 1 } }\n');
    await expect(loadGame('./wrong.yaml', dir)).rejects.toMatchObject({
      code: 'GAME_INVALID',
      message: expect.stringMatching(/ports\.game\.prot\n {4}expected {2}port; there is no prot\n {4}found {5}1\n {4}example/),
    });
  });
});

describe('variables', () => {
  const check = (variables: Record<string, string | number | boolean>) => {
    const checked = checkGame({ ...good, variables: { ...good.variables, motd: { type: 'string' } } });
    if (!checked.ok) throw new Error('the definition is good');
    checkVariables({ name: 'one', game: { definition: checked.definition, id: 'test', file: '' }, variables });
  };

  it('are checked by name, type, range, and for line ends that would be further settings', () => {
    expect(() => check({ motd: 'hi', slots: 8 })).not.toThrow();
    expect(() => check({ motd: 'hi', slots: 9 })).toThrow(/slots\n {4}expected {2}a whole number from 1 to 8\n {4}found {5}9/);
    expect(() => check({ motd: 'hi', solts: 1 })).toThrow(/solts/);
    expect(() => check({})).toThrow(/motd\n.*\n {4}found {5}nothing, and it has no default/);
    expect(() => check({ motd: 'hi\nadmin = me' })).toThrow(/without control characters/);
  });
});

function escaped(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}
