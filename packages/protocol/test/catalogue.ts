/** Everything with a codec that leaves a process. A new one is added here, and so gets its golden bytes and its fuzzing. */
import { ClientFrame, GatewayFrame, ResumeClaim } from '../src/client.ts';
import { ControlToGateway, ControlToServer, GatewayToControl, ServerToControl } from '../src/link-control.ts';
import { ControlToEdge, EdgeToControl } from '../src/link-edge.ts';
import { GatewayToServer, ServerToGateway } from '../src/link-game.ts';
import { ControlToMatchServer, MatchServerToControl } from '../src/link-match.ts';
import { MeshMessage } from '../src/link-mesh.ts';
import * as records from '../src/records.ts';
import type { Codec, Union } from '../src/schema.ts';
import { EntityState, View } from '../src/views.ts';

/** Families of messages, by the name of their golden file. */
export const unions: Readonly<Record<string, Union<any>>> = {
  'client-frame': ClientFrame,
  'gateway-frame': GatewayFrame,
  'gateway-to-control': GatewayToControl,
  'control-to-gateway': ControlToGateway,
  'server-to-control': ServerToControl,
  'control-to-server': ControlToServer,
  'gateway-to-server': GatewayToServer,
  'server-to-gateway': ServerToGateway,
  mesh: MeshMessage,
  'match-server-to-control': MatchServerToControl,
  'control-to-match-server': ControlToMatchServer,
  'edge-to-control': EdgeToControl,
  'control-to-edge': ControlToEdge,
};

/** What stands alone: payloads, the claim of a resume token, and the records of the Store, which begin with a format number. */
export const structs: Readonly<Record<string, Codec<any>>> = { View, EntityState, ResumeClaim };

export const storeRecords: Readonly<Record<string, Codec<any>>> = Object.fromEntries(
  Object.entries(records).flatMap(([name, codec]) =>
    name.endsWith('Record') && typeof codec === 'object' ? [[name, codec as Codec<any>]] : [],
  ),
);
