import type { Player, Region, Status } from '@horizon-atlas/sdk-admin';
import { describe, expect, it } from 'vitest';
import { noPaint } from '../paint.ts';
import { widthOf } from '../text-width.ts';
import { topFrame } from './frame.ts';
import { keysOf, noData, pressed, startState, type TopData, type TopState } from './state.ts';

const nowMs = 1e12;
const region = (id: string, players: number, load: number | null): Region => ({
  id,
  name: `The ${id}`,
  state: load === null ? 'asleep' : 'active',
  bounds: { minX: 0, maxX: 1, minY: 0, maxY: 1, minZ: 0, maxZ: 1 },
  server: load === null ? '' : 'srv_01JXABCDEFGHJKMNPQRSTVWXYZ',
  epoch: 7,
  players,
  entities: players,
  shadows: 0,
  tickHz: 30,
  workMs: null,
  load,
});
const player = (i: number): Player => ({
  id: `p-${i}`,
  name: i === 0 ? '王小明\u001b[2J' : `Pilot ${i}`,
  session: 's',
  entity: i,
  state: 'online',
  gateway: 'gw',
  region: 'alpha',
  server: 'srv',
  epoch: 1,
  position: null,
  address: '127.0.0.1',
  format: 'atlas',
  pingMs: i,
  handoffs: i,
  lastGapMs: null,
  joinedAtMs: nowMs - 5000,
  closeCode: 0,
  closeReason: '',
});
const status = {
  version: '0.1.0',
  uptimeS: 72,
  players: { online: 60 },
  handoffs: { total: 412, failed: 0, rolledBack: 0, lost: 0, gapMs: { p50: 14, p99: 27, max: 41 } },
} as unknown as Status;
const data: TopData = {
  ...noData,
  status,
  regions: [region('alpha', 31, 0.42), region('hub', 0, null), region('beta', 12, 0.9)],
  players: Array.from({ length: 30 }, (_, i) => player(i)),
  trouble: '',
};
const draw = (columns: number, rows: number, change: Partial<TopState> = {}, of: TopData = data) =>
  topFrame(of, { ...startState, ...change }, { columns, rows, paint: noPaint, nowMs, name: 'Sol' }).lines.map((line) =>
    line.trimEnd(),
  );

describe('the live view', () => {
  it('at 80 columns', () =>
    expect(draw(80, 10)).toEqual([
      'Horizon Atlas 0.1.0 · Sol                                          up 1 min 12 s',
      'players 60  awake 2/3  handoffs 412  gap p99 27 ms  cpu –  memory –',
      '[1 regions 3] 2 servers 0  3 players 30  4 gateways 0',
      '',
      'REGION  NAME       STATE   PLAYERS▾  ENTITIES  LOAD  TICK MS  OWNER',
      'alpha   The alpha  active        31        31  42 %        –  srv_01JXABC…TVWXYZ',
      'beta    The beta   active        12        12  90 %        –  srv_01JXABC…TVWXYZ',
      'hub     The hub    asleep         0         0     –        –  –',
      '',
      'q quit · tab view · s sort · r reverse · / find · p pause · ↑↓ scroll',
    ]));

  it('at 40 columns keeps what matters', () =>
    expect(draw(40, 10)).toEqual([
      'Horizon Atlas 0.1.0 · Sol  up 1 min 12 s',
      'players 60  awake 2/3  handoffs 412',
      '[1 reg 3] 2 ser 0  3 pla 30  4 gat 0',
      '',
      'REGION  STATE   PLAYERS▾  LOAD',
      'alpha   active        31  42 %',
      'beta    active        12  90 %',
      'hub     asleep         0     –',
      '',
      'q quit · tab view · s sort',
    ]));

  it('is as high as the terminal and never wider, whatever names players chose', () => {
    for (const view of ['regions', 'players', 'servers', 'gateways'] as const) {
      for (let columns = 20; columns < 130; columns += 7) {
        const lines = draw(columns, 12, { view });
        expect(lines).toHaveLength(12);
        for (const line of lines) {
          expect(widthOf(line), `${columns}: ${line}`).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }
    }
  });

  it('scrolls as far as there are rows, and says where it is', () => {
    const lines = draw(80, 12, { view: 'players', scroll: 1000 });
    expect(lines.at(-1)).toMatch(/25–30 of 30$/);
    expect(lines.at(-2)).toMatch(/^p-0 /);
  });

  it('finds', () => expect(draw(80, 12, { view: 'players', find: 'pilot 7' })[5]).toMatch(/^p-7 /));
  it('says that nothing new comes', () =>
    expect(draw(80, 10, {}, { ...data, trouble: 'no answer, trying again' })[0]).toMatch(/no answer, trying again$/));
  it('has something to show before anything is known', () => expect(draw(80, 10, {}, noData)[0]).toMatch(/connecting$/));
});

describe('keys', () => {
  const check = (keys: string, expected: Partial<TopState>) =>
    expect(keysOf(keys).reduce((state, key) => pressed(state, key, 10), startState)).toMatchObject(expected);

  it('q and Ctrl-C quit', () => {
    check('q', { quit: true });
    check('\x03', { quit: true });
  });
  it('tab, arrows and figures change the view', () => {
    check('\t', { view: 'servers' });
    check('\x1b[D', { view: 'gateways' });
    check('3', { view: 'players' });
  });
  it('s changes the order, round and round', () => check('3sss<', { sort: { ...startState.sort, players: 2 } }));
  it('r turns it round', () => check('r', { reversed: true }));
  it('arrows scroll, not above the top', () => check('jj\x1b[Bk\x1b[6~', { scroll: 12 }));
  it('what is looked for is typed, keys and all', () => check('/qq\x7fx\r', { find: 'qx', typing: false, quit: false }));
  it('Escape ends it', () => check('/q\x1b', { find: '', typing: false }));
  it('Ctrl-C quits even then', () => check('/q\x03', { quit: true }));
  it('arrows of application mode are the same', () => check('\x1bOB', { scroll: 1 }));
});
