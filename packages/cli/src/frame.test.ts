import type { Status } from '@horizon-atlas/atlas';
import { describe, expect, it } from 'vitest';
import { type FrameState, frame, summary } from './frame.ts';
import type { Paint } from './paint.ts';

const same = (text: string) => text;
const plain: Paint = { bold: same, dim: same, green: same, yellow: same, red: same, cyan: same };
const marked: Paint = { ...plain, red: (text) => `<${text}>`, yellow: (text) => `~${text}~` };

const server = (id: string, pid: number, p50: number, p90: number) => ({
  id,
  region: '',
  state: 'ready',
  pid,
  restarts: 0,
  players: 0,
  entities: 0,
  tickHz: 30,
  workMs: { p50, p90, max: p90 },
  cpuS: null,
  memoryBytes: null,
  code: '',
});

const sol: Status = {
  version: '0.1.0',
  uptimeS: 72.4,
  regions: [
    {
      id: 'alpha',
      name: 'Solar System Alpha',
      state: 'active',
      server: 'server_01JXABCDEFGHJKMNPQRSTVWXYZ',
      epoch: 1204,
      players: 31,
    },
    { id: 'beta', name: 'Solar System Beta', state: 'starting', server: '', epoch: 1187, players: 0 },
    { id: 'hub', name: 'Trading Hub', state: 'asleep', server: '', epoch: 3, players: 0 },
  ],
  servers: [server('server_01JXABCDEFGHJKMNPQRSTVWXYZ', 41_234, 3.14, 5.2)],
  gateways: [],
  players: { online: 60 },
  handoffs: { total: 412, failed: 0, rolledBack: 0, lost: 0, gapMs: { p50: 14.2, p99: 27, max: 41.4 } },
  warnings: [],
};

const running: FrameState = {
  phase: 'running',
  name: 'Sol',
  version: '0.1.0',
  api: 'http://127.0.0.1:7700',
  gateways: ['wss://127.0.0.1:7777'],
  status: sol,
  happenings: [
    {
      atMs: new Date(2026, 0, 5, 9, 3, 7).getTime(),
      tone: 'good',
      text: 'Solar System Beta wakes: players approach from Solar System Alpha',
    },
  ],
};

const draw = (state: Partial<FrameState>, columns: number, paint = plain) => frame({ ...running, ...state }, columns, paint);

describe('the terminal block', () => {
  it('at 80 columns', () =>
    expect(draw({}, 80).join('\n')).toMatchInlineSnapshot(`
      "
       Horizon Atlas 0.1.0 · Sol                                        up 1 min 12 s

       players 60   awake 1/3   handoffs 412   gap p50 14 ms   p99 27 ms   max 41 ms

       REGION              STATE     PLAYERS   TICK WORK  EPOCH    PID  OWNER
       Solar System Alpha  active         31  3.1/5.2 ms   1204  41234  server…TVWXYZ
       Solar System Beta   starting        0           –   1187      –  –
       Trading Hub         asleep          0           –      3      –  –

       09:03:07  Solar System Beta wakes: players approach from Solar System Alpha

       console http://127.0.0.1:7700   gateway wss://127.0.0.1:7777   Ctrl-C stops"
    `));

  it('at 120 columns has room for everything', () =>
    expect(draw({}, 120).join('\n')).toMatchInlineSnapshot(`
      "
       Horizon Atlas 0.1.0 · Sol                                                                                up 1 min 12 s

       players 60   awake 1/3   handoffs 412   gap p50 14 ms   p99 27 ms   max 41 ms

       REGION              STATE     PLAYERS   TICK WORK  EPOCH    PID  OWNER
       Solar System Alpha  active         31  3.1/5.2 ms   1204  41234  server_01JXABCDEFGHJKMNPQRSTVWXYZ
       Solar System Beta   starting        0           –   1187      –  –
       Trading Hub         asleep          0           –      3      –  –

       09:03:07  Solar System Beta wakes: players approach from Solar System Alpha

       console http://127.0.0.1:7700   gateway wss://127.0.0.1:7777   Ctrl-C stops"
    `));

  it('at 40 columns keeps what matters', () =>
    expect(draw({}, 40).join('\n')).toMatchInlineSnapshot(`
    "
     Horizon Atlas 0.1.0 · …  up 1 min 12 s

     players 60   awake 1/3   handoffs 412
     gap p50 14 ms   p99 27 ms   max 41 ms

     REGION              PLAYERS
     Solar System Alpha       31
     Solar System Beta         0
     Trading Hub               0

     09:03:07  Solar System Beta wakes: pl…

     console http://127.0.0.1:7700
     gateway wss://127.0.0.1:7777
     Ctrl-C stops"
  `));

  it('before anything is known', () =>
    expect(
      draw({ phase: 'starting', status: undefined, happenings: [], api: '', gateways: [] }, 80).join('\n'),
    ).toMatchInlineSnapshot(`
      "
       Horizon Atlas 0.1.0 · Sol                                             starting

       Ctrl-C stops"
    `));

  it('is never wider than the terminal', () => {
    const long = 'x'.repeat(300);
    const region = { ...sol.regions[0], name: long } as Status['regions'][0];
    for (let columns = 32; columns <= 200; columns++) {
      for (const line of draw(
        {
          name: long,
          status: { ...sol, regions: [region, ...sol.regions] },
          happenings: [{ atMs: 0, tone: 'plain', text: long }],
        },
        columns,
      )) {
        expect(line.length, `${columns}: ${line}`).toBeLessThan(columns);
      }
    }
  });

  it('shows the busiest of many regions', () => {
    const regions = Array.from({ length: 40 }, (_, i) => ({
      ...sol.regions[2],
      id: `r${i}`,
      name: `Region ${i}`,
      players: i,
    })) as Status['regions'];
    const text = draw({ status: { ...sol, regions } }, 80).join('\n');
    expect(text).toContain('Region 39');
    expect(text).not.toContain('Region 27 ');
    expect(text).toContain('… and 28 quieter regions');
  });

  it('lets no name move the cursor', () => {
    const text = draw({ name: 'evil\u001b[2J\r\n', happenings: [{ atMs: 0, tone: 'bad', text: 'a\u0007b\nc' }] }, 80).join('');
    expect(text).not.toMatch(/\p{Cc}/u);
  });

  it('marks what is wrong: work beyond the budget, and anything lost', () => {
    const text = draw(
      {
        status: {
          ...sol,
          servers: [server(sol.servers[0]?.id ?? '', 1, 20, 31)],
          handoffs: { ...sol.handoffs, failed: 2, lost: 1 },
        },
      },
      120,
      marked,
    ).join('\n');
    expect(text).toContain('<20.0/31.0 ms>');
    expect(text).toContain('LOST <1>');
    expect(text).toContain('failed ~2~');
  });

  it('says what somebody has to mend', () => {
    const warnings = [{ code: 'DISK_LOW', message: 'only 900 MB are free where the world is kept (/srv): make room' }] as const;
    const text = draw({ status: { ...sol, warnings } }, 120, marked).join('\n');
    expect(text).toContain('< DISK_LOW: only 900 MB are free where the world is kept (/srv): make room>');
  });

  it('says how to hurry while it stops', () => expect(draw({ phase: 'stopping' }, 80).at(-1)).toContain('Ctrl-C again hurries'));
});

describe('the line for pipes', () => {
  it('tells the same in short', () =>
    expect(summary(sol)).toBe('players 60, awake 1/3, handoffs 412, gap p50 14 p99 27 max 41 ms'));

  it('is honest about what is not known and about what went wrong', () =>
    expect(
      summary({ ...sol, handoffs: { total: 5, failed: 1, rolledBack: 2, lost: 3, gapMs: { p50: null, p99: null, max: null } } }),
    ).toBe('players 60, awake 1/3, handoffs 5 (1 failed, 2 rolled back, 3 LOST), gap p50 – p99 – max – ms'));
});

it('an Atlas with fleets alone shows neither regions nor a gateway', () => {
  const fleetsOnly = { ...sol, regions: [], servers: [], gateways: [] };
  const lines = frame(
    {
      phase: 'running',
      name: 'Arena',
      version: '0.1.0',
      api: 'http://127.0.0.1:7700',
      gateways: [''],
      status: fleetsOnly,
      happenings: [],
    },
    80,
    plain,
  ).join('\n');
  expect(lines).not.toMatch(/gateway|REGION|players/);
  expect(lines).toContain('atlas fleet');
});
