/**
 * A game's own messages, declared once and shared by its server and its clients: types go end to end with no build step.
 *
 *   export const schema = defineGame({
 *     client: { 'movement/move': { x: f32, y: f32 } },     // client → server, reliable or latest, the sender's choice
 *     server: { 'chat/said': { from: str(), text: str(200) } },
 *     entity: { name: str(32), hull: u16 },                // what others may see of an entity, beside its place
 *   });
 *
 * Names are `namespace/event`, which is what a horizon.v1 client writes in its JSON.
 */

import { limits } from './limits.ts';
import { type Codec, type Fields, type FieldsOf, struct } from './schema.ts';

export type EventFields = Readonly<Record<string, Fields>>;

export interface GameSchema<C extends EventFields = EventFields, S extends EventFields = EventFields, E extends Fields = Fields> {
  readonly client: EventTable<C>;
  readonly server: EventTable<S>;
  readonly entity: Codec<FieldsOf<E>>;
  /** Equal on both sides, or the client is refused with SCHEMA_MISMATCH. Never 0. */
  readonly hash: number;
}

export interface EventTable<T extends EventFields> {
  readonly names: readonly (keyof T & string)[];
  /** The id on the wire: its place in the declaration, from 1. */
  id(name: keyof T & string): number;
  /** undefined: no such event. */
  name(id: number): (keyof T & string) | undefined;
  codec<N extends keyof T & string>(name: N): Codec<FieldsOf<T[N]>>;
}

export type DataOf<T extends EventFields, N extends keyof T> = FieldsOf<T[N]>;

export function defineGame<const C extends EventFields, const S extends EventFields, const E extends Fields = {}>(game: {
  client: C;
  server: S;
  entity?: E;
}): GameSchema<C, S, E> {
  const client = table(game.client);
  const server = table(game.server);
  const entity = struct((game.entity ?? {}) as E);
  const text = `${describe(client)};${describe(server)};${entity.type}`;
  return { client, server, entity, hash: fnv1a(text) || 1 };
}

function table<T extends EventFields>(events: T): EventTable<T> {
  const names = Object.keys(events) as (keyof T & string)[];
  if (names.length >= limits.eventReserved) throw new Error(`a game has at most ${limits.eventReserved - 1} events`);
  for (const name of names) {
    if (!/^[\w-]+\/[\w-]+$/.test(name)) throw new Error(`event "${name}" is not of the form namespace/event, like movement/move`);
  }
  const ids = new Map(names.map((name, i) => [name, i + 1]));
  const codecs = new Map(names.map((name) => [name, struct(events[name] as Fields)]));
  return {
    names,
    id(name) {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`no event "${name}"; declared are ${names.join(', ')}`);
      return id;
    },
    name: (id) => names[id - 1],
    codec: (name) => codecs.get(name) as Codec<any>,
  };
}

function describe(events: EventTable<any>): string {
  return events.names.map((name) => `${name}${events.codec(name).type}`).join(',');
}

/** FNV-1a, 32 bit (http://www.isthe.com/chongo/tech/comp/fnv/). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
