import type { SessionReport } from '@horizon-atlas/protocol';
import type { PlayerPlace } from '@horizon-atlas/regions';
import { describe, expect, it } from 'vitest';
import { PlayerBook, playerLimits } from './player-book.ts';

const place = (player: string, changes: Partial<PlayerPlace> = {}): PlayerPlace => ({
  player,
  name: `<${player}>`,
  session: `ses_${player}`,
  group: 7,
  region: 'west',
  server: 'srv_1',
  epoch: 3,
  x: 1,
  y: 2,
  z: 3,
  ...changes,
});
const report = (player: string, state: SessionReport['state'], changes: Partial<SessionReport> = {}): SessionReport => ({
  session: `ses_${player}`,
  player,
  name: `<${player}>`,
  address: '10.0.0.1',
  format: 'atlas',
  state,
  ageMs: 500,
  ...changes,
});

function book() {
  const told: string[] = [];
  const made = new PlayerBook((name, { player, code }) => told.push(`${name} ${player}${code ? ` ${code}` : ''}`));
  return { made, told };
}

describe('the book of players', () => {
  it('shows who joins, where and how, and says so once', () => {
    const { made, told } = book();
    made.report('gw', [report('ada', 'joining')], false, 10_000);
    expect(made.get('ada')).toMatchObject({ state: 'joining', joinedAtMs: 9_500, position: null });
    expect(told).toEqual([]);
    made.record([place('ada', { x: Number.NaN })], 10_400);
    expect(made.get('ada')?.position).toBeNull();
    made.record([place('ada')], 10_500);
    made.report('gw', [report('ada', 'online')], false, 11_000);
    made.pings('gw', [{ session: 'ses_ada', ms: 12.34 }]);
    made.crossed('ada');
    made.gap('ses_ada', 41.27);
    made.record([place('ada', { region: 'east', epoch: 4 })], 11_500);
    expect(made.get('ada')).toMatchObject({
      name: '<ada>',
      state: 'online',
      gateway: 'gw',
      region: 'east',
      epoch: 4,
      position: { x: 1, y: 2, z: 3 },
      address: '10.0.0.1',
      pingMs: 12.3,
      handoffs: 1,
      lastGapMs: 41.3,
    });
    expect(told).toEqual(['player.joined ada']);
  });

  it('knows who is away, who comes back, and who has left with which close code', () => {
    const { made, told } = book();
    made.record([place('ada')], 0);
    made.report('gw', [report('ada', 'online')], false, 0);
    made.closed('gw', 'ses_ada', 1006, '');
    expect(made.get('ada')).toMatchObject({ state: 'away', closeCode: 1006 });
    made.report('gw', [report('ada', 'online')], false, 1000);
    expect(made.get('ada')).toMatchObject({ state: 'online', closeCode: 0 });
    made.closed('gw', 'ses_ada', 4443, 'SESSION_KICKED');
    made.record([], 2000);
    expect(made.get('ada')).toMatchObject({ state: 'gone', closeCode: 4443, closeReason: 'SESSION_KICKED' });
    expect(told).toEqual(['player.joined ada', 'player.away ada', 'player.back ada', 'player.left ada SESSION_KICKED']);
  });

  it('goes on with a session that its player has taken to another gateway', () => {
    const { made, told } = book();
    made.record([place('ada')], 0);
    made.report('gw_0', [report('ada', 'online')], false, 0);
    made.closed('gw_0', 'ses_ada', 1012, 'GATEWAY_DRAINING');
    made.report('gw_1', [report('ada', 'online')], false, 500);
    made.report('gw_0', [report('ada', 'away')], false, 600);
    made.forgotten('gw_0', ['ses_ada']);
    made.gatewayLost('gw_0');
    expect(made.get('ada')).toMatchObject({ state: 'online', gateway: 'gw_1' });
    expect(told).toEqual(['player.joined ada', 'player.away ada GATEWAY_DRAINING', 'player.back ada']);
  });

  it('takes over who was there before it: that is no news', () => {
    const { made, told } = book();
    made.report('gw', [report('ada', 'online'), report('ben', 'away')], true, 0);
    made.record([place('ada'), place('ben')], 100);
    expect(told).toEqual([]);
    expect(made.list().map(({ id, state }) => `${id} ${state}`)).toEqual(['ada online', 'ben away']);
    made.gatewayLost('gw');
    expect(made.get('ada')?.state).toBe('away');
    made.report('gw', [report('ada', 'online')], true, 1000);
    expect(made.get('ada')?.state).toBe('online');
    expect(told).toEqual(['player.away ada', 'player.back ada']);
  });

  it('shows the newest session of a player, and hears no older one', () => {
    const { made } = book();
    made.record([place('ada')], 0);
    made.report('gw', [report('ada', 'online')], false, 0);
    made.crossed('ada');
    made.record([place('ada', { session: 'ses_new' })], 1000);
    made.report('gw', [report('ada', 'online')], false, 1000);
    expect(made.get('ada')).toMatchObject({ session: 'ses_new', handoffs: 0, gateway: '' });
    expect(made.ofSession('ses_ada')).toBeUndefined();
  });

  it('lets go of those who were refused at once, and of those who left after some minutes', () => {
    const { made } = book();
    made.report('gw', [report('mob', 'joining')], false, 0);
    made.forgotten('gw', ['ses_mob']);
    expect(made.get('mob')).toBeUndefined();
    made.record([place('ada')], 0);
    made.record([], 1000);
    made.record([], 1000 + playerLimits.goneMs);
    expect(made.get('ada')?.state).toBe('gone');
    made.record([], 1001 + playerLimits.goneMs);
    expect(made.list()).toEqual([]);
  });

  it('keeps a limited number of those who left', () => {
    const { made } = book();
    made.record(
      Array.from({ length: playerLimits.gone + 5 }, (_, i) => place(`p${i}`)),
      0,
    );
    made.record([], 1);
    expect(made.list()).toHaveLength(playerLimits.gone);
    expect(made.get('p4')).toBeUndefined();
  });
});
