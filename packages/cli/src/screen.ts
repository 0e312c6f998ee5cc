/**
 * Shows what a running Atlas tells: on a terminal as a block that is redrawn in place, elsewhere as lines. Both hear the same reports.
 */
import type { ControlReport, SupervisorReport } from '@horizon-atlas/atlas';
import { clockTime } from './figures.ts';
import { type FrameState, frame, hasWorld, limits, summary } from './frame.ts';
import { happeningOf } from './happening.ts';
import type { Paint } from './paint.ts';

export interface Screen {
  report(report: ControlReport | SupervisorReport): void;
  /** The person asked to stop. */
  stopping(): void;
  /** The terminal is left as it was found, with these words below, if any. */
  end(words: string): void;
}

/** Where it is shown: a part of `process.stdout`. */
export interface Output {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export interface ScreenHost {
  readonly output: Output;
  readonly paint: Paint;
  wall(): number;
  /** Calls `fn` about every `ms` until cancelled. */
  every(ms: number, fn: () => void): () => void;
}

const redrawMs = 250;
const summaryMs = 5000;

export function liveScreen(name: string, version: string, host: ScreenHost): Screen {
  let state: FrameState = { phase: 'starting', name, version, api: '', gateways: [], status: undefined, happenings: [] };
  let drawn = 0;
  let dirty = true;
  const draw = () => {
    if (!dirty) return;
    dirty = false;
    const { output, paint } = host;
    // A block higher than the terminal could not be drawn over: the top of it gives way.
    const lines = frame(state, output.columns || 80, paint).slice(-Math.max(4, (output.rows || 24) - 1));
    const back = drawn > 0 ? `\x1b[${drawn}A\r` : '';
    output.write(`${back}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    drawn = lines.length;
  };
  host.output.write('\x1b[?25l');
  draw();
  const cancel = host.every(redrawMs, draw);
  return {
    report(report) {
      state = after(state, report, host.wall());
      dirty = true;
    },
    stopping() {
      state = { ...state, phase: 'stopping' };
      dirty = true;
      draw();
    },
    end(words) {
      cancel();
      draw();
      host.output.write(`\x1b[?25h${words === '' ? '' : `${words}\n`}`);
    },
  };
}

export function lineScreen(name: string, version: string, host: ScreenHost): Screen {
  let state: FrameState = { phase: 'starting', name, version, api: '', gateways: [], status: undefined, happenings: [] };
  const say = (text: string) => host.output.write(`${clockTime(host.wall())}  ${text}\n`);
  say(`Horizon Atlas ${version}${name === '' ? '' : ` · ${name}`} is starting`);
  const cancel = host.every(summaryMs, () => {
    if (state.status && hasWorld(state.status) && state.phase === 'running') say(summary(state.status));
  });
  return {
    report(report) {
      const before = state.happenings;
      state = after(state, report, host.wall());
      if (report.kind === 'running') say(signs(report));
      if (state.happenings !== before) say(state.happenings.at(-1)?.text ?? '');
    },
    stopping() {
      state = { ...state, phase: 'stopping' };
      say('stopping: players are told, states are written');
    },
    end(words) {
      cancel();
      if (words !== '') say(words);
    },
  };
}

function signs({ api, gateways, pages = [] }: Extract<ControlReport, { kind: 'running' }>): string {
  const ways = [`console and API ${api}`, ...(gateways.length > 0 ? [`gateway ${gateways.join(' ')}`] : [])];
  return [...ways, ...pages.map((page) => `play ${page}`)].join(', ');
}

function after(state: FrameState, report: ControlReport | SupervisorReport, atMs: number): FrameState {
  switch (report.kind) {
    case 'running':
      return {
        ...state,
        phase: 'running',
        version: report.version,
        api: report.api,
        gateways: report.gateways,
        pages: report.pages,
      };
    case 'status':
      return { ...state, status: report.status };
    case 'stopping':
      return { ...state, phase: 'stopping' };
    case 'event': {
      const happening = happeningOf(report.name, report.fields, report.atMs);
      return happening ? happened(state, happening) : state;
    }
    case 'died': {
      const when = report.againInMs === 0 ? 'at once' : `in ${report.againInMs} ms`;
      // What ended it by itself has said why before.
      const why = report.how.startsWith('exit code') ? ': logs/control.err says why' : '';
      const text = `the control plane died (${report.how})${why}; players play on, it starts again ${when}`;
      return { ...happened(state, { atMs, tone: 'bad', text }), phase: 'restarting' };
    }
    case 'refused':
    case 'ended':
      return state;
  }
}

function happened(state: FrameState, happening: FrameState['happenings'][0]): FrameState {
  return { ...state, happenings: [...state.happenings, happening].slice(-limits.happenings) };
}
