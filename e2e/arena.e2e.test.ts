/**
 * The arena as a person has it: bots queue, a match forms, is played and ends, and moves ratings; its server goes back to the pool. A match server
 * that is killed in the middle of a match: its players are told, the match counts for nobody, and another server takes its place.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Installation, kill } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const arena = fileURLToPath(new URL('../examples/arena/', import.meta.url));

interface Match {
  readonly id: string;
  readonly stage: string;
  readonly outcome: string;
  readonly server: string;
  readonly players: number;
  readonly teams: readonly { readonly name: string; readonly players: readonly { readonly id: string }[] }[];
  readonly result: { readonly teams: readonly { readonly name: string; readonly rank: number; readonly score: number }[] } | null;
}

let atlas: Installation;
const api = async <T>(path: string): Promise<T> =>
  (await (await fetch(`http://127.0.0.1:${atlas.config.api.port}/api/v1/matchmaking${path}`)).json()) as T;
const matches = async () => (await api<{ items: Match[] }>('/matches?limit=50')).items;
const match = (id: string) => api<Match>(`/matches/${id}`);

/** The process of a match server, as its environment says. */
function serverPid(server: string): number {
  return atlas.processesWith(`ATLAS_SERVER_ID=${server}`)[0] ?? 0;
}

describe('The arena', () => {
  beforeAll(async () => {
    atlas = await Installation.make({
      world: undefined,
      regionServer: undefined,
      tickHz: undefined,
      fleets: [
        {
          name: 'arena',
          entry: `${arena}match.ts`,
          ports: [{ name: 'game', protocol: 'ws' }],
          scaling: { min: 1, max: 3, warm: 1 },
          afterSession: 'reuse',
          startTimeoutMs: 60_000,
        },
      ],
      matchmaking: {
        queues: [{ name: 'arena', ruleSet: `${arena}rules/arena.json`, fleet: 'arena', rating: { pool: 'arena' } }],
      },
      companions: [{ name: 'arena-bots', entry: `${arena}bots.ts`, args: ['12'] }],
    });
    await atlas.start();
  }, 2 * DEADLINE_MS);
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(atlas.output, atlas.logs());
  });
  afterAll(() => atlas?.destroy(), DEADLINE_MS);

  it('bots are matched and play to the end, and their ratings move', { timeout: 4 * DEADLINE_MS }, async () => {
    const first = await until('a match is played', async () => (await matches()).find(({ stage }) => stage === 'active'));
    expect(first.teams.map(({ name }) => name)).toEqual(['red', 'blue']);
    expect(first.players).toBeGreaterThanOrEqual(4);
    const over = async () => {
      const now = await match(first.id);
      return now.stage === 'ended' && now;
    };
    // A match takes a minute at most, which is as long as one wait.
    const ended = await until('it ends', over).catch(() => until('it ends after all', over));
    expect([ended.stage, ended.outcome]).toEqual(['ended', 'finished']);
    const players = ended.teams.flatMap((team) => team.players.map(({ id }) => id));
    expect(new Set(players).size).toBe(players.length);
    const ratings = await Promise.all(players.map((id) => api<{ rating: number; games: number }>(`/ratings/arena/${id}`)));
    expect(ratings.map(({ games }) => games)).toEqual(players.map(() => 1));
    const best = ended.result?.teams.find(({ rank }) => rank === 1)?.name;
    const isDraw = ended.result?.teams.every(({ rank }) => rank === 1);
    const winners = ended.teams.find(({ name }) => name === best)?.players.length ?? 0;
    if (!isDraw) expect(ratings.filter(({ rating }) => rating > 1500)).toHaveLength(winners);
  });

  it('a match server that is killed: players are told, nobody’s rating moves, another one comes', {
    timeout: 4 * DEADLINE_MS,
  }, async () => {
    const under = await until('a match is played', async () => (await matches()).find(({ stage }) => stage === 'active'));
    const players = under.teams.flatMap((team) => team.players.map(({ id }) => id));
    const pid = await until('its process', () => serverPid(under.server));
    expect(kill(pid, 'SIGKILL')).toBe(true);
    const lost = await until('the match is over', async () => {
      const now = await match(under.id);
      return now.stage === 'ended' && now;
    });
    expect([lost.outcome, lost.result]).toEqual(['lost', null]);
    const later = await until('some of its players play again, elsewhere', async () =>
      (await matches()).find(
        ({ id, server, stage, teams }) =>
          id !== under.id &&
          stage === 'active' &&
          server !== under.server &&
          teams.some((team) => team.players.some((each) => players.includes(each.id))),
      ),
    );
    expect(later.players).toBeGreaterThanOrEqual(4);
  });

  it('stops and leaves nothing', { timeout: DEADLINE_MS }, async () => {
    expect(await atlas.interrupt()).toBe(0);
    expect(atlas.processes()).toEqual([]);
  });
});
