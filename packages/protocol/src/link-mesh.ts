/**
 * The link between the game servers of neighbouring regions: shadows of entities near the border, the copy of a group that is
 * about to cross, and actions on entities that live next door. Every message carries the owner's epoch; lower ones are dropped.
 */

import { limits } from './limits.ts';
import { bytes, f32, type Infer, list, str, struct, u8, u16, u53, union } from './schema.ts';
import { traceparent } from './spans.ts';

const id = str(limits.idBytes);
const state = bytes(limits.groupStateBytes);

/** What a neighbour may see of an entity. `kindId` and `state` are the game's. */
export const Shadow = struct({
  entity: u53,
  group: u53,
  epoch: u53,
  x: f32,
  y: f32,
  z: f32,
  vx: f32,
  vy: f32,
  vz: f32,
  state: bytes(4096),
});
export type Shadow = Infer<typeof Shadow>;

export const MeshMessage = union({
  hello: [1, { server: id, version: u16 }],
  /** Only what changed since the last; `gone` left the border band. */
  shadows: [2, { region: id, epoch: u53, tick: u53, updates: list(Shadow, 16_384), gone: list(u53, 16_384) }],
  /** The whole of a group at `version`, before its crossing. */
  snapshot: [3, { group: u53, epoch: u53, version: u53, state, traceparent }],
  /** What changed from `base` to `version`. `final` is the last one: the owner has frozen the group. */
  delta: [4, { group: u53, epoch: u53, base: u53, version: u53, delta: state }],
  final: [5, { group: u53, epoch: u53, base: u53, version: u53, delta: state }],
  /** From the target: it holds `version`. A base that it does not hold is answered with the version that it does (0: none). */
  ack: [6, { group: u53, epoch: u53, version: u53 }],
  /** Something done to an entity by one that does not own it; sent on once by a stub, at most `hops` times in all. */
  act: [7, { id: u53, entity: u53, hops: u8, origin: id, action: str(128), data: bytes(16_384) }],
  actResult: [8, { id: u53, code: str(64), data: bytes(16_384) }],
});
export type MeshMessage = Infer<typeof MeshMessage>;
