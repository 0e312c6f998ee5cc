/** One player of a load test: a real client that is measured from outside, and does what the scenario says. */
import { Prng } from '@horizon-atlas/base';
import { type Atlas, AtlasError, type AtlasEvents, connect, type WebSocketConstructor } from '@horizon-atlas/sdk-client';
import type { PlayerContext, Scenario, ScenarioPlayer } from './scenario.ts';
import type { LoadtestSettings } from './settings.ts';
import { bump, type Tally } from './tally.ts';

export const limits = {
  /** Sent and not applied commands whose time is kept; of further ones no round trip is taken. */
  pendingMax: 4096,
  /** How long commands may take to be covered at the end. */
  settleMs: 10_000,
  settleLookMs: 20,
} as const;

export interface PlayerAccess {
  readonly token: () => string | Promise<string>;
  readonly WebSocket: WebSocketConstructor;
}

export class LoadPlayer {
  readonly #who: ScenarioPlayer;
  readonly #scenario: Scenario;
  readonly #settings: LoadtestSettings;
  readonly #tally: Tally;
  readonly #end: AbortSignal;
  readonly #prng: Prng;
  /** Sent at, by number. */
  readonly #pending = new Map<number, number>();
  #atlas: Atlas<any, any, any> | undefined;
  #leaving = false;
  #applied = 0;
  #viewMs = Number.NaN;
  #lost = 0;
  #doubled = 0;

  constructor(who: ScenarioPlayer, scenario: Scenario, settings: LoadtestSettings, tally: Tally, end: AbortSignal) {
    this.#who = who;
    this.#scenario = scenario;
    this.#settings = settings;
    this.#tally = tally;
    this.#end = end;
    this.#prng = new Prng((settings.seed + 7919 * (who.index + 1)) >>> 0);
  }

  get online(): boolean {
    return this.#atlas?.status === 'online';
  }

  /** Resolves when it has joined or was refused; both are counted. */
  async join(access: PlayerAccess): Promise<void> {
    const { urls, joinTimeoutS } = this.#settings;
    const startedMs = performance.now();
    try {
      this.#atlas = await connect({
        url: urls[this.#who.index % urls.length] as string,
        schema: this.#scenario.schema,
        token: access.token,
        WebSocket: this.#measured(access.WebSocket),
        policy: { firstConnectMs: joinTimeoutS * 1000 },
      });
    } catch (error) {
      bump(this.#tally.refused, error instanceof AtlasError ? error.code : 'INTERNAL');
      return;
    }
    this.#tally.figures.joinMs.add(performance.now() - startedMs);
    this.#tally.counts.joined++;
    this.#listen(this.#atlas);
    void this.#play(this.#atlas);
  }

  /** Once a second. */
  look(): void {
    if (this.online && this.#atlas) this.#tally.figures.pingMs.add(this.#atlas.ping);
  }

  /** Waits for its commands to be covered, then leaves. What is not covered by then is lost. */
  async leave(): Promise<void> {
    const atlas = this.#atlas;
    if (!atlas) return;
    const untilMs = performance.now() + limits.settleMs;
    while (atlas.status !== 'closed' && atlas.stats.uncovered > 0 && performance.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, limits.settleLookMs));
    }
    this.#see();
    const missing = atlas.status === 'closed' ? 0 : atlas.stats.uncovered;
    this.#tally.counts.lost += missing;
    this.#leaving = true;
    atlas.close();
  }

  async #play(atlas: Atlas<any, any, any>): Promise<void> {
    try {
      await this.#scenario.player(atlas, this.#context());
    } catch (error) {
      if (this.#end.aborted) return;
      this.#tally.counts.failures++;
      this.#tally.failure ||= `${this.#who.id}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #listen(atlas: Atlas<any, any, any>): void {
    const { counts, figures, closedBy } = this.#tally;
    const send = atlas.send.bind(atlas);
    atlas.send = ((name: string, data: never) => {
      const result = send(name, data);
      if (!result.ok) return result;
      counts.commandsSent++;
      if (this.#pending.size < limits.pendingMax) this.#pending.set(result.seq, performance.now());
      return result;
    }) as typeof atlas.send;
    // Names of the SDK, whatever the game's own are.
    const on = atlas.on.bind(atlas) as <N extends keyof AtlasEvents<unknown>>(
      name: N,
      fn: (data: AtlasEvents<unknown>[N]) => void,
    ) => void;
    on('$view', () => {
      const nowMs = performance.now();
      figures.viewGapMs.add(nowMs - this.#viewMs);
      this.#viewMs = nowMs;
    });
    on('$crossed', ({ gapMs }) => {
      counts.crossings++;
      figures.crossingGapMs.add(gapMs);
    });
    on('$connected', ({ resumed }) => {
      this.#viewMs = Number.NaN;
      if (!resumed) this.#pending.clear();
    });
    on('$dropped', ({ commands }) => {
      counts.lost += commands;
      this.#pending.clear();
      this.#applied = 0;
    });
    on('$status', ({ status, code }) => {
      if (status === 'reconnecting') counts.reconnects++;
      if (status !== 'closed' || this.#leaving) return;
      counts.closed++;
      bump(closedBy, code ?? 'SESSION_ENDED');
    });
  }

  /** After each frame: what has been applied since the last one. */
  #see(): void {
    const applied = this.#atlas?.stats.applied ?? 0;
    if (applied <= this.#applied) return;
    const nowMs = performance.now();
    for (let seq = this.#applied + 1; seq <= applied; seq++) {
      const sentMs = this.#pending.get(seq);
      if (sentMs === undefined) continue;
      this.#pending.delete(seq);
      this.#tally.figures.roundTripMs.add(nowMs - sentMs);
    }
    this.#tally.counts.commandsApplied += applied - this.#applied;
    this.#applied = applied;
  }

  #measured(Base: WebSocketConstructor): WebSocketConstructor {
    const { counts } = this.#tally;
    const see = () => this.#see();
    return class extends Base {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        this.addEventListener('message', ({ data }: { data: unknown }) => {
          counts.messagesIn++;
          counts.bytesIn += data instanceof ArrayBuffer ? data.byteLength : 0;
          // After the SDK, which listens later than this.
          queueMicrotask(see);
        });
      }
      override send(data: Uint8Array<ArrayBuffer>): void {
        counts.messagesOut++;
        counts.bytesOut += data.byteLength;
        super.send(data);
      }
    };
  }

  #context(): PlayerContext {
    const { ratePerS, players } = this.#settings;
    const tally = this.#tally;
    const prng = this.#prng;
    const sleep = (ms: number) => pause(ms, this.#end);
    return {
      ...this.#who,
      players,
      ratePerS,
      signal: this.#end,
      random: () => prng.between(0, 1),
      between: (least, most) => prng.between(least, most),
      sleep,
      turns: () => turns(1000 / ratePerS, prng.between(0, 1), this.#end),
      count: (name, by = 1) => tally.count(name, by),
      sample: (name, ms) => tally.sample(name, ms),
      faults: ({ lost, doubled }) => {
        if (lost !== undefined) tally.counts.lost += lost - this.#lost;
        if (doubled !== undefined) tally.counts.doubled += doubled - this.#doubled;
        this.#lost = lost ?? this.#lost;
        this.#doubled = doubled ?? this.#doubled;
      },
    };
  }
}

/** Paced by the clock, not by how long a turn takes; turns that a busy machine could not make are left out. */
async function* turns(everyMs: number, phase: number, end: AbortSignal): AsyncGenerator<number> {
  let nextMs = performance.now() + phase * everyMs;
  for (let turn = 0; !end.aborted; turn++) {
    await pause(nextMs - performance.now(), end);
    if (end.aborted) return;
    yield turn;
    nextMs = Math.max(nextMs + everyMs, performance.now());
  }
}

function pause(ms: number, end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (end.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      end.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    end.addEventListener('abort', done, { once: true });
  });
}
