/** Forked by the start bench: players who join and then do nothing at all, more of them each time they are asked for. */
import { existsSync, readFileSync } from 'node:fs';
import { devToken } from '@horizon-atlas/example-sol/dev-token.ts';
import { schema } from '@horizon-atlas/example-sol/schema.ts';
import { connect } from '@horizon-atlas/sdk-client';
import { nodeWebSocket } from '@horizon-atlas/sdk-client/node';
import type { Doors } from './installation.ts';

export interface IdlersOrder {
  /** So many in all. */
  readonly players: number;
}
export interface IdlersReport {
  readonly online: number;
}

/** Handshakes under way at once. */
const AT_ONCE = 20;

const { gateways, caFile, secretFile } = JSON.parse(process.argv[2] ?? '') as Doors;
const url = gateways[0] ?? '';
const secret = readFileSync(secretFile, 'utf8').trim();
const WebSocket = nodeWebSocket(existsSync(caFile) ? { ca: readFileSync(caFile, 'utf8') } : {});
const clients: Awaited<ReturnType<typeof dial>>[] = [];
let dialled = 0;

// Between two orders there may be nobody yet who keeps the process alive.
process.channel?.ref();
process.on('message', (order: IdlersOrder) => void reach(order.players));

async function reach(players: number): Promise<void> {
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (dialled < players) clients.push(await dial(`idler-${dialled++}`));
    }),
  );
  process.send?.({ online: clients.filter(({ status }) => status === 'online').length } satisfies IdlersReport);
}

function dial(name: string) {
  return connect({ url, token: devToken(secret, name, name), schema, WebSocket });
}
