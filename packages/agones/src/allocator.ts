/**
 * Agones' allocator service over gRPC: what is asked and answered there is the JSON that its clients without gRPC send and get, in which numbers that may be absent stand without a
 * message around them. Who answers knows nothing of gRPC.
 */
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { GrpcEntrance } from './grpc-entrance.ts';

/** Who asks. */
export interface AllocationCaller {
  /** Of the metadata. */
  readonly authorization: string | undefined;
  /** What the client calls us, such as `localhost:7700`. */
  readonly host: string;
  readonly address: string;
}

/** `code`: gRPC's. */
export type AllocationTold =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly code: number; readonly message: string };

export type Allocate = (body: object, caller: AllocationCaller) => Promise<AllocationTold>;

type Message = Record<string, unknown>;
type Call = ServerUnaryCall<Message, Message>;

/** gRPC is loaded now, and not before. */
export async function openAllocator(allocate: Allocate): Promise<GrpcEntrance> {
  const [{ entranceOf }, { definitionOf }] = await Promise.all([import('./grpc-entrance.ts'), import('./grpc-definitions.ts')]);
  const Allocate = (call: Call, callback: sendUnaryData<Message>): void =>
    void allocate(plain(call.request), callerOf(call)).then(
      (told) => (told.ok ? callback(null, wrapped(told.body)) : callback({ code: told.code, details: told.message })),
      // Who answers has noted what went wrong.
      () => callback({ code: 13, details: 'INTERNAL' }),
    );
  return entranceOf([{ definition: definitionOf('allocation.AllocationService'), implementation: { Allocate } }]);
}

function callerOf(call: Call): AllocationCaller {
  const [authorization] = call.metadata.get('authorization');
  const peer = call.getPeer();
  return {
    authorization: authorization === undefined ? undefined : String(authorization),
    host: call.getHost(),
    address: peer.slice(0, peer.lastIndexOf(':')),
  };
}

/** Fields that may be absent, in messages of their own. */
const optional = ['action', 'amount', 'capacity', 'count'] as const;

function plain(request: Message): Message {
  // A value that is its type's zero is not on the wire.
  return inEntries(request, (field) => (field as { value?: unknown }).value ?? 0);
}

function wrapped(answer: Readonly<Message>): Message {
  return inEntries(answer, (value) => ({ value }));
}

function inEntries(message: Readonly<Message>, change: (field: unknown) => unknown): Message {
  const changed = { ...message };
  for (const name of ['counters', 'lists']) {
    if (message[name] === undefined) continue;
    const entries = Object.entries(message[name] as Record<string, Message>).map(([key, entry]) => {
      const fields = optional.filter((field) => entry[field] !== undefined).map((field) => [field, change(entry[field])]);
      return [key, { ...entry, ...Object.fromEntries(fields) }];
    });
    changed[name] = Object.fromEntries(entries);
  }
  return changed;
}
