/**
 * Stories about region servers: a few engines, a clock that the test moves, links that lose what the test wants lost. The test plays
 * the control plane: it tells, and looks at what was said.
 */
import { must, Reader } from '@horizon-atlas/base';
import {
  type ControlToServer,
  EntityState,
  events,
  type GatewayToServer,
  GatewayToServer as GatewayToServerCodec,
  type Group,
  gameLink,
  MeshMessage,
  ServerToControl,
  type ServerToGateway,
  ServerToGateway as ServerToGatewayCodec,
  View,
} from '@horizon-atlas/protocol';
import { type Game, ServerEngine, type ServerPolicy } from '../src/index.ts';
import { countingGame, type Mind, schema } from './counting-game.ts';

export { countingGame, schema };

export const PLACES = [place('a', -300, 0), place('b', 0, 300)];

function place(region: string, minX: number, maxX: number) {
  const at = { minX, maxX, minY: -100, maxY: 100, minZ: -100, maxZ: 100 };
  return { region, name: region, ...at, server: `s-${region}`, address: `sim:${region}`, epoch: 1, active: true };
}

export type Said<K extends ServerToControl['kind']> = Extract<ServerToControl, { kind: K }>;

export class Node {
  readonly id: string;
  readonly engine: ServerEngine;
  /** What was said to the control plane, oldest first. */
  said: ServerToControl[] = [];
  readonly happened: { name: string; fields: Readonly<Record<string, unknown>> }[] = [];
  readonly gateways = new Map<number, TestGateway>();
  drained = false;
  orphaned = false;
  readonly story: Story;

  constructor(story: Story, id: string, game: Game, policy: Partial<ServerPolicy>) {
    this.id = id;
    this.story = story;
    this.engine = new ServerEngine({
      id,
      address: `sim:${id}`,
      game,
      policy,
      out: {
        // Through the wire: what cannot be written, or is not what was written, must not pass.
        toControl: (message) => this.said.push(must(ServerToControl.decode(ServerToControl.encode(message)), 'it can be read')),
        toGateway: (link, frame) => this.gateways.get(link)?.receive(frame.slice()),
        dialPeer: (server) => story.dial(this, server),
        toPeer: (server, message) =>
          story.mesh(id, server, must(MeshMessage.decode(MeshMessage.encode(message)), 'it can be read')),
        drained: () => {
          this.drained = true;
        },
        orphaned: () => {
          this.orphaned = true;
        },
        event: (name, fields) => this.happened.push({ name, fields }),
      },
    });
    this.engine.controlUp(story.nowMs);
  }

  tell(message: ControlToServer): void {
    this.engine.fromControl(message, this.story.nowMs);
    this.story.settle();
  }

  /** All messages of that kind since the last `clear`. */
  all<K extends ServerToControl['kind']>(kind: K): Said<K>[] {
    return this.said.filter((each): each is Said<K> => each.kind === kind);
  }

  /** The latest one. */
  last<K extends ServerToControl['kind']>(kind: K): Said<K> {
    return must(
      this.all(kind).at(-1),
      `${this.id} said ${kind}; it said ${[...new Set(this.said.map((each) => each.kind))].join(' ')}`,
    );
  }

  clear(): this {
    this.said = [];
    return this;
  }

  assign(region: string, epoch: number, groups: Group[] = [], tick = 0): this {
    this.tell({ kind: 'assign', region, epoch, world: new Uint8Array(0), groups, tick });
    return this;
  }

  admit(region: string, group: number, epoch: number, player: string, x?: number, session = `${player}-session`): this {
    const told = { group, epoch, claimed: true, player, name: player, session, state: new Uint8Array(0) };
    this.tell({ kind: 'admit', region, group: told, x, y: x === undefined ? undefined : 0, z: x === undefined ? undefined : 0 });
    return this;
  }

  mind(group: number): Mind {
    for (const region of this.engine.regions.values()) {
      const entity = region.entities.get(group);
      if (entity) return entity.data as Mind;
    }
    throw new Error(`no entity ${group} on ${this.id}`);
  }

  has(group: number): 'owned' | 'frozen' | 'no' {
    for (const region of this.engine.regions.values()) {
      const found = region.groups.get(group);
      if (found) return found.frozen ? 'frozen' : 'owned';
    }
    return 'no';
  }

  /** Makes the newest checkpoint durable. */
  cover(): this {
    const { region, epoch, tick } = this.last('checkpoint');
    this.tell({ kind: 'covered', region, epoch, tick });
    return this;
  }
}

export type Frame =
  | { kind: 'message'; handle: number; seq: number; event: number; payload: Uint8Array }
  | { kind: 'latest'; handle: number; key: number; event: number; payload: Uint8Array }
  | { kind: 'fanOut'; handles: number[]; key: number; event: number; payload: Uint8Array }
  | { kind: 'acks'; entries: { handle: number; applied: number; covered: number }[] }
  | { kind: 'control'; message: ServerToGateway };

/** A gateway's end of its link to one server. */
export class TestGateway {
  readonly link: number;
  readonly node: Node;
  frames: Frame[] = [];

  constructor(node: Node, link: number) {
    this.node = node;
    this.link = link;
    node.gateways.set(link, this);
    node.engine.gatewayUp(link, node.story.nowMs);
    this.control({ kind: 'hello', gateway: `g${link}`, version: 1 });
  }

  down(): void {
    this.node.gateways.delete(this.link);
    this.node.engine.gatewayDown(this.link, this.node.story.nowMs);
  }

  control(message: GatewayToServer): void {
    const body = GatewayToServerCodec.encode(message);
    const frame = new Uint8Array(body.length + 1);
    frame.set(body, 1);
    this.raw(frame);
  }

  raw(frame: Uint8Array): boolean {
    return this.node.engine.fromGateway(this.link, frame, this.node.story.nowMs);
  }

  attach(
    handle: number,
    player: string,
    entity: number,
    epoch: number,
    more: Partial<Extract<GatewayToServer, { kind: 'attach' }>> = {},
  ): void {
    this.control({
      kind: 'attach',
      handle,
      session: `${player}-session`,
      player,
      name: player,
      entity,
      epoch,
      format: 'atlas',
      reason: 'join',
      generation: 0,
      received: 0,
      schema: schema.hash,
      ...more,
    });
  }

  command(handle: number, seq: number, event: number, payload: Uint8Array): void {
    const frame = new Uint8Array(11 + payload.length);
    const view = new DataView(frame.buffer);
    frame[0] = gameLink.command;
    view.setUint32(1, handle, true);
    view.setUint32(5, seq, true);
    view.setUint16(9, event, true);
    frame.set(payload, 11);
    this.raw(frame);
  }

  add(handle: number, seq: number, n: number = seq): void {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, n, true);
    this.command(handle, seq, schema.client.id('do/add'), payload);
  }

  move(handle: number, seq: number, vx: number): void {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, vx, true);
    this.command(handle, seq, schema.client.id('do/move'), payload);
  }

  jump(handle: number, seq: number, x: number): void {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, x, true);
    this.command(handle, seq, schema.client.id('do/jump'), payload);
  }

  say(handle: number, seq: number, text: string): void {
    const bytes = new TextEncoder().encode(text);
    const payload = new Uint8Array(4 + bytes.length);
    new DataView(payload.buffer).setUint32(0, bytes.length, true);
    payload.set(bytes, 4);
    this.command(handle, seq, schema.client.id('do/say'), payload);
  }

  horizon(handle: number, seq: number, text: string): void {
    this.command(handle, seq, events.horizon, new TextEncoder().encode(text));
  }

  ack(handle: number, received: number): void {
    const frame = new Uint8Array(9);
    const view = new DataView(frame.buffer);
    frame[0] = gameLink.ack;
    view.setUint32(1, handle, true);
    view.setUint32(5, received, true);
    this.raw(frame);
  }

  receive(frame: Uint8Array): void {
    this.frames.push(readFrame(frame));
  }

  clear(): void {
    this.frames = [];
  }

  controls<K extends ServerToGateway['kind']>(kind: K): Extract<ServerToGateway, { kind: K }>[] {
    const out: ServerToGateway[] = [];
    for (const frame of this.frames) if (frame.kind === 'control' && frame.message.kind === kind) out.push(frame.message);
    return out as Extract<ServerToGateway, { kind: K }>[];
  }

  attached(handle: number) {
    return must(
      this.controls('attached').find((each) => each.handle === handle),
      `handle ${handle} is attached`,
    );
  }

  messages(handle: number): Extract<Frame, { kind: 'message' }>[] {
    return this.frames.filter(
      (each): each is Extract<Frame, { kind: 'message' }> => each.kind === 'message' && each.handle === handle,
    );
  }

  /** The sums that the player was told, in order of arrival. */
  sums(handle: number): number[] {
    const id = schema.server.id('did/added');
    return this.messages(handle)
      .filter((each) => each.event === id)
      .map((each) => schema.server.codec('did/added').read(new Reader(each.payload)).sum);
  }

  texts(handle: number): string[] {
    const id = schema.server.id('did/said');
    return this.messages(handle)
      .filter((each) => each.event === id)
      .map((each) => schema.server.codec('did/said').read(new Reader(each.payload)).text);
  }

  states(handle: number): { entity: number; name: string; sum: number }[] {
    return this.messages(handle)
      .filter((each) => each.event === events.entity)
      .map((each) => {
        const { entity, state } = EntityState.read(new Reader(each.payload));
        return { entity, ...schema.entity.read(new Reader(state)) };
      });
  }

  view(handle: number): View {
    const frame = this.frames.findLast((each) => each.kind === 'latest' && each.handle === handle && each.event === events.view);
    return View.read(new Reader((frame as Extract<Frame, { kind: 'latest' }>).payload));
  }

  acks(handle: number): { applied: number; covered: number } | undefined {
    for (const frame of [...this.frames].reverse()) {
      if (frame.kind !== 'acks') continue;
      const entry = frame.entries.find((each) => each.handle === handle);
      if (entry) return entry;
    }
    return undefined;
  }
}

function readFrame(frame: Uint8Array): Frame {
  const r = new Reader(frame);
  switch (r.u8()) {
    case gameLink.control:
      return { kind: 'control', message: must(ServerToGatewayCodec.decode(frame, 1), 'a control message that can be read') };
    case gameLink.message:
      return { kind: 'message', handle: r.u32(), seq: r.u32(), event: r.u16(), payload: r.raw(r.left) };
    case gameLink.latestDown:
      return { kind: 'latest', handle: r.u32(), key: r.u32(), event: r.u16(), payload: r.raw(r.left) };
    case gameLink.fanOut: {
      const handles: number[] = [];
      for (let n = r.u16(); n > 0; n--) handles.push(r.u32());
      return { kind: 'fanOut', handles, key: r.u32(), event: r.u16(), payload: r.raw(r.left) };
    }
    case gameLink.acks: {
      const entries: { handle: number; applied: number; covered: number }[] = [];
      for (let n = r.u16(); n > 0; n--) entries.push({ handle: r.u32(), applied: r.u32(), covered: r.u32() });
      return { kind: 'acks', entries };
    }
    default:
      throw new Error(`no frame begins with ${frame[0]}`);
  }
}

export class Story {
  nowMs = 1000;
  readonly nodes = new Map<string, Node>();
  readonly #mesh: { from: string; to: string; message: MeshMessage }[] = [];
  /** What the mesh does to a message: how often it arrives. */
  onMesh: (message: MeshMessage, from: string) => number = () => 1;
  readonly #linked = new Set<string>();
  #settling = false;
  #links = 0;

  node(id: string, policy: Partial<ServerPolicy> = {}, game = countingGame()): Node {
    const node = new Node(this, id, game, policy);
    this.nodes.set(id, node);
    return node;
  }

  /** Two neighbours with their regions, each a tick old. */
  pair(policy: Partial<ServerPolicy> = {}): { a: Node; b: Node } {
    const a = this.node('s-a', policy);
    const b = this.node('s-b', policy);
    for (const node of [a, b]) node.tell({ kind: 'map', version: 1, regions: PLACES });
    a.assign('a', 1);
    b.assign('b', 1);
    this.run(100);
    return { a, b };
  }

  gateway(node: Node): TestGateway {
    return new TestGateway(node, ++this.#links);
  }

  dial(from: Node, to: string): void {
    const other = this.nodes.get(to);
    const pair = [from.id, to].sort().join();
    if (!other || this.#linked.has(pair)) return;
    this.#linked.add(pair);
    from.engine.peerUp(to, this.nowMs);
    other.engine.peerUp(from.id, this.nowMs);
  }

  cut(a: Node, b: Node): void {
    if (!this.#linked.delete([a.id, b.id].sort().join())) return;
    a.engine.peerDown(b.id, this.nowMs);
    b.engine.peerDown(a.id, this.nowMs);
  }

  mesh(from: string, to: string, message: MeshMessage): void {
    for (let times = this.onMesh(message, from); times > 0; times--) this.#mesh.push({ from, to, message });
    this.settle();
  }

  /** Delivers what is on its way, and what that leads to. */
  settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    for (let next = this.#mesh.shift(); next; next = this.#mesh.shift()) {
      this.nodes.get(next.to)?.engine.fromPeer(next.from, next.message, this.nowMs);
    }
    this.#settling = false;
  }

  /** Lets time pass for everybody. */
  run(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (true) {
      let first: Node | undefined;
      for (const node of this.nodes.values()) if (!first || node.engine.dueMs < first.engine.dueMs) first = node;
      if (!first || first.engine.dueMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, first.engine.dueMs);
      first.engine.tick(this.nowMs);
      this.settle();
    }
    this.nowMs = untilMs;
  }
}

/** The group as an owner would be told to take it. */
export function groupOf(group: number, epoch: number, player: string, state: Uint8Array = new Uint8Array(0)): Group {
  return { group, epoch, claimed: true, player, name: player, session: `${player}-session`, state };
}

/** A player in region a, attached, beside the border: group 1000 at epoch 10 on handle 1. */
export function playerAtBorder(story: Story, x = -5, policy: Partial<ServerPolicy> = {}) {
  const { a, b } = story.pair(policy);
  const gateway = story.gateway(a);
  a.admit('a', 1000, 10, 'ann', x);
  gateway.attach(1, 'ann', 1000, 10);
  story.run(100);
  return { a, b, gateway };
}

/** Ann is away, with room for four messages, and nine were said: she has the first of all, and misses five of these. */
export function missingMessages(story: Story) {
  const { a, gateway } = playerAtBorder(story, -5, { unackedMax: 4 });
  gateway.ack(1, 1);
  gateway.control({ kind: 'detach', handle: 1, session: 'ann-session' });
  const world = a.engine.regions.get('a')?.world;
  for (let i = 0; i < 9; i++) world?.broadcast('did/said', { text: `${i}` });
  return gateway;
}

/** Copies the group to b and freezes it on a. */
export function prepareAndFreeze(story: Story, a: Node, group = 1000, epoch = 10): Said<'frozen'> {
  a.tell({ kind: 'prepare', group, epoch, region: 'a', target: 'b', server: 's-b', address: 'sim:b' });
  story.run(200);
  a.tell({ kind: 'freeze', group, epoch, target: 'b' });
  return a.last('frozen');
}

/** What the control plane says after its commit. */
export function activate(b: Node, frozen: Said<'frozen'>, epoch: number, player = 'ann', withState = false): void {
  const state = withState ? frozen.state : new Uint8Array(0);
  b.tell({ kind: 'activate', region: 'b', version: frozen.version, group: groupOf(frozen.group, epoch, player, state) });
}

export function release(a: Node, group: number, epoch: number, newEpoch: number): void {
  a.tell({ kind: 'release', group, epoch, newEpoch, target: 'b', server: 's-b', address: 'sim:b' });
}
