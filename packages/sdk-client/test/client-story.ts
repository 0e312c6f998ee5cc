/** A client engine whose outputs are lines of text, for the stories in the tests of this package. */
import { Writer } from '@horizon-atlas/base';
import { ClientFrame, EntityState, events, GatewayFrame, type Sighting, View } from '@horizon-atlas/protocol';
import { ClientEngine } from '../src/core/client-engine.ts';
import type { GatewayWelcome } from '../src/core/client-io.ts';
import type { ClientPolicy } from '../src/core/policy.ts';

export interface Story {
  readonly engine: ClientEngine;
  /** What the engine said since the last call, a line each. */
  took(): string[];
  /** Told at `now`. */
  now: number;
  gets(frame: GatewayFrame): void;
  /** Lets time pass; the engine is ticked exactly when it is due. */
  passes(ms: number): void;
  /** Dial, open, welcome. */
  joins(welcome?: Partial<GatewayWelcome>): void;
}

export const A = 'wss://a';
export const B = 'wss://b';

export function welcomeOf(change: Partial<GatewayWelcome> = {}): GatewayWelcome {
  return {
    kind: 'welcome',
    version: 1,
    session: 's1',
    resume: 'r1',
    resumeMs: 120_000,
    resumed: false,
    applied: 0,
    covered: 0,
    player: 'ann',
    entity: 7,
    region: 'alpha',
    epoch: 1,
    tickHz: 20,
    heartbeatMs: 1_000,
    gateways: [A, B],
    ...change,
  };
}

export function viewFrame(
  epoch: number,
  tick: number,
  entities: readonly (Partial<Sighting> & { entity: number })[],
): GatewayFrame {
  const w = new Writer();
  const at = { x: 0, y: 0, z: 0, vx: 0, vy: 0, vz: 0 };
  View.write(w, { tick, epoch, entities: entities.map((each) => ({ ...at, ...each })) });
  return { kind: 'latest', key: 0, event: events.view, payload: w.copy() };
}

export function stateFrame(seq: number, entity: number, ...state: number[]): GatewayFrame {
  const w = new Writer();
  EntityState.write(w, { entity, state: new Uint8Array(state) });
  return { kind: 'message', seq, event: events.entity, payload: w.copy() };
}

export function story(policy: Partial<ClientPolicy> = {}): Story {
  let lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const engine: ClientEngine = new ClientEngine(
    { url: A, token: 'jwt', schema: 5, random: () => 0.5, policy },
    {
      connect: (url) => say(`connect ${url}`),
      send: (frame) => say(describe(frame)),
      close: (code) => say(`close ${code}`),
      backlogBytes: () => 0,
      status: (status, code) => say(`status ${status}${code ? ` ${code}` : ''}`),
      welcome: (welcome, outageMs) => say(`welcome ${welcome.session} resumed=${welcome.resumed} after ${outageMs}`),
      message: (event, payload, seq) => say(`message ${seq} event ${event} ${[...payload]}`),
      latest: (event, payload, key) => say(`latest ${key} event ${event} ${[...payload]}`),
      view: (view) => say(`view ${view.tick}`),
      notice: (notice) => say(`notice ${notice.notice} ${notice.region}`),
      replayed: (commands) => say(`replayed ${commands}`),
      dropped: (commands) => say(`dropped ${commands}`),
      entered: (entity) => say(`entered ${entity.id}${entity.state ? ` ${[...entity.state]}` : ''}`),
      changed: (entity) => say(`changed ${entity.id} ${[...(entity.state ?? [])]}`),
      left: (entity) => say(`left ${entity.id}`),
      crossed: ({ from, to, gapMs }) => say(`crossed ${from} → ${to} gap ${gapMs}`),
    },
  );
  const it: Story = {
    engine,
    now: 0,
    took() {
      const taken = lines;
      lines = [];
      return taken;
    },
    gets: (frame) => engine.fromGateway(GatewayFrame.encode(frame), it.now),
    passes(ms) {
      const until = it.now + ms;
      for (let turns = 0; engine.dueMs <= until; turns++) {
        if (turns > 100_000) throw new Error(`the engine asks for ticks without end at ${engine.dueMs}`);
        it.now = Math.max(it.now, engine.dueMs);
        engine.tick(it.now);
      }
      it.now = until;
    },
    joins(welcome) {
      if (engine.status === 'connecting') engine.start(it.now);
      engine.opened(it.now);
      it.gets(welcomeOf(welcome));
    },
  };
  return it;
}

function describe(bytes: Uint8Array): string {
  const frame = ClientFrame.decode(bytes);
  if (frame === undefined) return 'send garbage';
  if (frame.kind === 'hello') return `send hello resume=${frame.resume} received=${frame.received}`;
  if (frame.kind === 'command') return `send command ${frame.seq} ${[...frame.payload]}`;
  if (frame.kind === 'latest') return `send latest ${frame.event} ${[...frame.payload]}`;
  if (frame.kind === 'ack') return `send ack ${frame.received}`;
  return `send ${frame.kind}`;
}
