import type { ControlReport, Status, SupervisorReport } from '@horizon-atlas/atlas';
import { describe, expect, it } from 'vitest';
import type { Paint } from './paint.ts';
import { lineScreen, liveScreen, type Screen, type ScreenHost } from './screen.ts';

const same = (text: string) => text;
const paint: Paint = { bold: same, dim: same, green: same, yellow: same, red: same, cyan: same };
const status: Status = {
  version: '0.1.0',
  uptimeS: 1,
  regions: [{ id: 'hub', name: 'Hub', state: 'active', server: '', epoch: 1, players: 2 }],
  servers: [],
  gateways: [],
  players: { online: 2 },
  handoffs: { total: 1, failed: 0, rolledBack: 0, lost: 0, gapMs: { p50: 9, p99: 9, max: 9 } },
  warnings: [],
};
const running: ControlReport = { kind: 'running', version: '0.1.0', api: 'http://a:1', gateways: ['wss://a:2'], resumed: false };

/** A terminal that understands just the sequences we send: what a person would see. */
class Terminal {
  readonly columns = 60;
  readonly rows: number;
  readonly lines: string[] = [''];
  #at = 0;
  cursor = true;
  constructor(rows = 24) {
    this.rows = rows;
  }
  write(text: string): void {
    for (const [piece] of text.matchAll(/\p{Cc}\[\??\d*[A-Za-z]|\r|\n|\P{Cc}+/gu)) this.#one(piece);
  }
  #one(piece: string): void {
    if (piece === '\n') {
      this.#at++;
      this.lines[this.#at] ??= '';
    } else if (piece === '\x1b[K' || piece === '\r') return;
    else if (piece === '\x1b[J') this.lines.length = this.#at + 1;
    else if (piece === '\x1b[?25l') this.cursor = false;
    else if (piece === '\x1b[?25h') this.cursor = true;
    else if (/\[\d+A$/.test(piece)) this.#at -= Number(piece.slice(2, -1));
    else this.lines[this.#at] = piece;
    if (this.#at < 0) throw new Error('above the top of what was drawn');
  }
}

function watch(make: (name: string, version: string, host: ScreenHost) => Screen, rows?: number) {
  const terminal = new Terminal(rows);
  let tick = () => {};
  const host: ScreenHost = {
    output: terminal,
    paint,
    wall: () => new Date(2026, 0, 1, 12, 0, 0).getTime(),
    every(_ms, fn) {
      tick = fn;
      return () => {
        tick = () => {};
      };
    },
  };
  const screen = make('Sol', '0.1.0', host);
  const hear = (...reports: (ControlReport | SupervisorReport)[]) => {
    for (const report of reports) screen.report(report);
    tick();
  };
  return { terminal, screen, hear, text: () => terminal.lines.join('\n') };
}

describe('the live screen', () => {
  it('is redrawn in place', () => {
    const { hear, text, terminal } = watch(liveScreen);
    expect(text()).toContain('starting');
    hear(running, { kind: 'status', status });
    hear({ kind: 'status', status: { ...status, players: { online: 60 } } });
    expect(text()).toContain('players 60');
    expect(text()).not.toContain('players 2 ');
    expect(text().match(/Horizon Atlas/g)).toHaveLength(1);
    expect(text()).toContain('console http://a:1');
    expect(terminal.cursor).toBe(false);
  });

  it('gives the terminal back with the last words', () => {
    const { hear, screen, text, terminal } = watch(liveScreen);
    hear(running);
    screen.stopping();
    screen.end('stopped');
    expect(terminal.cursor).toBe(true);
    expect(text()).toMatch(/hurries\nstopped\n$/);
  });

  it('tells when the control plane died and when it is back', () => {
    const { hear, text } = watch(liveScreen);
    hear(running, { kind: 'died', how: 'SIGKILL', againInMs: 0 });
    expect(text()).toContain('restarting');
    expect(text()).toContain('the control plane died (SIGKILL); players play …');
    hear(running);
    expect(text()).not.toContain('restarting');
  });

  it('fits a low terminal', () => {
    const { hear, terminal } = watch(liveScreen, 6);
    hear(running, { kind: 'status', status });
    hear({ kind: 'status', status: { ...status, uptimeS: 9 } });
    expect(terminal.lines.length).toBeLessThanOrEqual(6);
  });
});

describe('the line screen', () => {
  it('says what happens, once each, and a summary now and then', () => {
    const { hear, screen, text } = watch(lineScreen);
    hear(running, { kind: 'status', status }, { kind: 'event', atMs: 0, name: 'store_failed', fields: { code: 'STORE_FULL' } });
    hear({ kind: 'event', atMs: 0, name: 'of no interest', fields: {} });
    screen.stopping();
    hear();
    screen.end('stopped');
    expect(text()).toMatchInlineSnapshot(`
      "12:00:00  Horizon Atlas 0.1.0 · Sol is starting
      12:00:00  console and API http://a:1, gateway wss://a:2
      12:00:00  store failed, code STORE_FULL
      12:00:00  players 2, awake 1/1, handoffs 1, gap p50 9.0 p99 9.0 max 9.0 ms
      12:00:00  players 2, awake 1/1, handoffs 1, gap p50 9.0 p99 9.0 max 9.0 ms
      12:00:00  stopping: players are told, states are written
      12:00:00  stopped
      "
    `);
  });
});
