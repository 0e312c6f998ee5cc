/**
 * A whole group as bytes: what crosses a border, what a checkpoint keeps, what waits for a player's next visit. Entities with
 * their public and private state, the sessions' cursors and unacknowledged messages, and the pending timers.
 */
import { Reader } from '@horizon-atlas/base';
import { bool, bytes, type Codec, choice, f64, limits, list, str, struct, u16, u32, u53 } from '@horizon-atlas/protocol';
import { type GameDelta, StateWriter, unpackSections } from './delta.ts';
import type { Entity } from './entities.ts';
import type { EntityGroup } from './groups.ts';
import type { GameHooks, Vec3 } from './out.ts';
import type { ServerPolicy } from './policy.ts';
import type { OutMessage, SessionCargo } from './sessions.ts';

/** Kinds of sections; numbers are never used again for something else. */
const part = { members: 1, place: 2, publicState: 3, privateState: 4, session: 5, messages: 6, timers: 7 } as const;

const Members = list(u53, 1024);
const Place = struct({ x: f64, y: f64, z: f64, vx: f64, vy: f64, vz: f64 });
const Cursor: Codec<SessionCargo> = struct({
  session: str(limits.idBytes),
  player: str(limits.idBytes),
  name: str(limits.nameBytes),
  entity: u53,
  format: choice('atlas', 'horizon'),
  applied: u32,
  outNext: u32,
  generation: u32,
  confirmed: u32,
  remainingMs: u32,
  lost: bool,
});
const Messages: Codec<OutMessage[]> = list(struct({ seq: u32, event: u16, payload: bytes(limits.serverMessageBytes) }), 65_536);
const Timers = list(struct({ dueInMs: f64, entity: u53, name: str(128), data: str(16_384) }), 65_536);

export interface EntityCargo {
  readonly id: number;
  readonly position: Vec3;
  readonly velocity: Vec3;
  readonly entity: unknown;
  readonly data: unknown;
}

export interface GroupCargo {
  /** The anchor first. */
  readonly entities: readonly EntityCargo[];
  readonly sessions: readonly { readonly cursor: SessionCargo; readonly messages: readonly OutMessage[] }[];
  readonly timers: readonly {
    readonly dueInMs: number;
    readonly entity: number;
    readonly name: string;
    readonly data: unknown;
  }[];
}

/** What is written: a group, or a part of one. */
export type GroupContents = Pick<EntityGroup, 'id' | 'region' | 'members' | 'sessions' | 'timers'>;

export type GroupStateResult =
  | { readonly ok: true; readonly state: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly code: 'GROUP_TOO_BIG' | 'GROUP_STATE_INVALID'; readonly message: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const writer = new StateWriter();
const noBytes = new Uint8Array(0);

/** The group as it is now. Not ok: the game's data cannot be written, or there is too much of it; the message names the entity. */
export function encodeGroup(group: GroupContents, game: GameHooks, nowMs: number, policy: ServerPolicy): GroupStateResult {
  const privates = snapshots(group.members, game);
  if (!Array.isArray(privates)) return privates;
  writer.begin();
  writer.add(
    part.members,
    group.id,
    Members,
    group.members.map((each) => each.id),
  );
  for (let i = 0; i < group.members.length; i++) {
    const entity = group.members[i] as Entity;
    try {
      encodeEntity(entity, privates[i], game);
    } catch (error) {
      return unwritable(entity, error);
    }
  }
  for (const session of group.sessions) {
    writer.add(part.session, session.entity, Cursor, session.cargo(nowMs, policy));
    if (session.unacked.length === 0) continue;
    const messages: OutMessage[] = [];
    for (let i = 0; i < session.unacked.length; i++) messages.push(session.unacked.at(i) as OutMessage);
    writer.add(part.messages, session.entity, Messages, messages);
  }
  if (group.timers.length > 0) {
    const simMs = group.region.simMs;
    const timers = group.timers.map(({ dueMs, entity, name, data }) => ({
      dueInMs: Math.max(0, dueMs - simMs),
      entity,
      name,
      data: JSON.stringify(data ?? null),
    }));
    writer.add(part.timers, group.id, Timers, timers);
  }
  const state = writer.finish();
  if (state.length <= limits.groupStateBytes) return { ok: true, state };
  const message = `the state of group ${group.id} has ${state.length} bytes; the limit is ${limits.groupStateBytes}`;
  return { ok: false, code: 'GROUP_TOO_BIG', message };
}

/** undefined: malformed, of another schema, or refused by the game's `restore`. */
export function decodeGroup(state: Uint8Array, game: GameHooks): GroupCargo | undefined {
  const sections = unpackSections(state);
  if (!sections) return undefined;
  const parts = new Map(sections.map((each) => [`${each.kind}/${each.id}`, each.bytes]));
  const head = sections.find((each) => each.kind === part.members);
  const ids = head && decode(Members, head.bytes);
  if (!head || !ids || ids.length === 0) return undefined;
  const entities: EntityCargo[] = [];
  const sessions: { cursor: SessionCargo; messages: OutMessage[] }[] = [];
  for (const id of ids) {
    const entity = decodeEntity(id, parts, game);
    if (!entity) return undefined;
    entities.push(entity);
    const cursorBytes = parts.get(`${part.session}/${id}`);
    if (!cursorBytes) continue;
    const cursor = decode(Cursor, cursorBytes);
    const messageBytes = parts.get(`${part.messages}/${id}`);
    const messages = messageBytes ? decode(Messages, messageBytes) : [];
    if (!cursor || !messages) return undefined;
    sessions.push({ cursor, messages });
  }
  const timerBytes = parts.get(`${part.timers}/${head.id}`);
  const timers = timerBytes ? decode(Timers, timerBytes) : [];
  if (!timers) return undefined;
  return { entities, sessions, timers: timers.map((each) => ({ ...each, data: parseJson(each.data) })) };
}

/** How the game wants its private sections compared, if it does. */
export function gameDelta(game: GameHooks): GameDelta | undefined {
  const { delta, patch } = game;
  return delta && patch ? { kind: part.privateState, delta, patch } : undefined;
}

/** The members' private state. The game is asked before anything is written: nothing of it runs in the middle of a state. */
function snapshots(members: readonly Entity[], game: GameHooks): (Uint8Array | undefined)[] | GroupStateResult {
  const out: (Uint8Array | undefined)[] = [];
  for (const entity of members) {
    try {
      if (entity.data === undefined) out.push(undefined);
      else out.push(game.snapshot ? game.snapshot(entity.data) : encoder.encode(JSON.stringify(entity.data)));
    } catch (error) {
      return unwritable(entity, error);
    }
  }
  return out;
}

function unwritable(entity: Entity, error: unknown): GroupStateResult {
  return { ok: false, code: 'GROUP_STATE_INVALID', message: `entity ${entity.id} cannot be written: ${String(error)}` };
}

function encodeEntity(entity: Entity, data: Uint8Array | undefined, game: GameHooks): void {
  const { position: p, velocity: v, id } = entity;
  writer.add(part.place, id, Place, { x: p.x, y: p.y, z: p.z, vx: v.x, vy: v.y, vz: v.z });
  writer.add(part.publicState, id, game.schema.entity as Codec<unknown>, entity.entity);
  if (entity.data !== undefined) writer.addBytes(part.privateState, id, data as Uint8Array);
}

function decodeEntity(id: number, parts: ReadonlyMap<string, Uint8Array>, game: GameHooks): EntityCargo | undefined {
  const place = decode(Place, parts.get(`${part.place}/${id}`) ?? noBytes);
  const entity = decode(game.schema.entity as Codec<unknown>, parts.get(`${part.publicState}/${id}`) ?? noBytes);
  if (!place || entity === undefined) return undefined;
  const position = { x: place.x, y: place.y, z: place.z };
  const velocity = { x: place.vx, y: place.vy, z: place.vz };
  const bytes = parts.get(`${part.privateState}/${id}`);
  if (!bytes) return { id, position, velocity, entity, data: undefined };
  try {
    const data = game.restore ? game.restore(bytes.slice()) : JSON.parse(decoder.decode(bytes));
    return { id, position, velocity, entity, data };
  } catch {
    return undefined;
  }
}

function decode<T>(codec: Codec<T>, input: Uint8Array): T | undefined {
  const r = new Reader(input);
  const value = codec.read(r);
  return r.bad || r.left > 0 ? undefined : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
