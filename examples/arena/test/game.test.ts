import { describe, expect, it } from 'vitest';
import { type Fighter, Game, isBlocked, rules, still, type Wish } from '../game.ts';
import { type ModeName, modes } from '../modes.ts';

const tickS = 1 / rules.tickHz;

/** One fighter a team, on an open field unless said otherwise. */
function duel({ mode = 'arena' as ModeName, teams = 2, walls = false } = {}) {
  const rulesOf = { ...modes[mode], ...(walls ? {} : { walls: [] }) };
  const game = new Game(
    rulesOf,
    teams,
    Array.from({ length: teams }, (_, team) => ({ player: `p${team}`, team })),
  );
  for (const fighter of game.fighters) fighter.present = true;
  const of = (i: number) => game.fighters[i] as Fighter;
  const put = (i: number, x: number, y: number) => Object.assign(of(i), { x, y });
  const wish = (i: number, change: Partial<Wish>) => {
    of(i).wish = { ...still, ...change };
  };
  const run = (seconds: number) => {
    const knockouts = [];
    for (let at = 0; at < seconds - 1e-9; at += tickS) {
      game.step(tickS);
      knockouts.push(...game.knockouts);
    }
    return knockouts;
  };
  return { game, of, put, wish, run };
}

describe('a fighter', () => {
  it('runs at its speed, whichever way', () => {
    const { of, put, wish, run } = duel();
    put(0, 0, 0);
    wish(0, { moveX: 1, moveY: 1 });
    run(0.5);
    expect(Math.hypot(of(0).x, of(0).y)).toBeCloseTo(rules.speed * 0.5, 5);
  });
  it('is never in a wall or outside, wherever it runs and dashes', () => {
    const { game, of, put, wish } = duel({ walls: true });
    for (let way = 0; way < 12; way++) {
      put(0, 15, 0);
      wish(0, { moveX: Math.cos(way), moveY: Math.sin(way), dash: true });
      for (let i = 0; i < 40; i++) {
        game.step(tickS);
        expect(isBlocked(game.mode, of(0).x, of(0).y, rules.radius - 0.01)).toBe(false);
      }
    }
  });
  it('dashes, and then must wait', () => {
    const { of, put, wish, run } = duel();
    put(0, -20, 0);
    wish(0, { moveX: 1, dash: true });
    run(1);
    const dashed = rules.dash.speed * rules.dash.forS;
    expect(of(0).x + 20).toBeGreaterThan(dashed + rules.speed * 0.7);
    expect(of(0).dashAgainS).toBeGreaterThan(0);
  });
  it('falls after five hits, scores for the other team, and comes back', () => {
    const { game, of, put, wish, run } = duel();
    put(0, -4, 0);
    put(1, 4, 0);
    wish(0, { aim: 0, fire: true });
    expect(run(2.2)).toEqual([{ by: 0, whom: 1 }]);
    expect([game.scores, of(0).knockouts, of(1).falls]).toEqual([[1, 0], 1, 1]);
    wish(0, {});
    run(rules.downS);
    expect([of(1).health, of(1).downS <= 0, of(1).shieldS > 0]).toEqual([rules.health, true, true]);
  });
  it('cannot be shot through a wall, or by its own team', () => {
    const { game, of, put, wish, run } = duel({ walls: true });
    put(0, -6, 0);
    put(1, 6, 0);
    wish(0, { aim: 0, fire: true });
    run(2);
    expect(of(1).health).toBe(rules.health);
    expect(game.shots.every(({ by }) => by === of(0))).toBe(true);
  });
});

describe('a match', () => {
  it('ends by points', () => {
    const { game, put, wish, run } = duel();
    wish(0, { aim: 0, fire: true });
    for (let i = 0; i < 400 && !game.isOver; i++) {
      put(0, -4, 0);
      put(1, 4, 0);
      run(tickS * 10);
      if (game.leftS < 5) game.leftS = 60;
    }
    expect(game.scores[0]).toBe(modes.arena.points);
    expect(game.ranks()).toEqual([1, 2]);
  });
  it('ends by time, and equal scores are a draw', () => {
    const { game, run } = duel();
    run(modes.arena.seconds);
    expect([game.isOver, game.ranks()]).toEqual([true, [1, 1]]);
  });
  it('of one life each ends with the last that stands, and ranks by who fell last', () => {
    const { game, put, wish, run, of } = duel({ mode: 'royale', teams: 3 });
    put(0, 0, 0);
    put(1, 8, 0);
    put(2, 0, 40);
    wish(0, { aim: 0, fire: true });
    run(2.5);
    expect([of(1).downS, game.isOver]).toEqual([Number.POSITIVE_INFINITY, false]);
    of(2).present = false;
    run(tickS);
    expect([game.isOver, game.ranks()]).toEqual([true, [1, 3, 2]]);
  });
});
