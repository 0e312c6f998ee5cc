/** Somebody who wants to play in the arena at once: a server for one match, a socket to it, and the join token that matchmaking would have made. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqliteStore } from '@horizon-atlas/adapter-sqlite';
import type { DataDir } from '@horizon-atlas/atlas';
import { FromPlayer, ToPlayer } from '@horizon-atlas/example-arena/messages.ts';
import { openJoinTokens } from '@horizon-atlas/fleet';
import type { JoinTokens } from '@horizon-atlas/protocol';
import { systemEntropy } from '@horizon-atlas/runtime';
import type { Admin } from '@horizon-atlas/sdk-admin';

const WITHIN_MS = 15_000;

/** The keys by which the Atlas that is to run on this data directory signs. */
export async function joinTokensOf(dir: DataDir): Promise<JoinTokens> {
  const store = await openSqliteStore({ file: dir.database });
  const tokens = await openJoinTokens(store, systemEntropy(), Date.now());
  await store.close();
  return tokens;
}

/** ms from the request to the match's welcome. The match is ended again. */
export async function playOnce(admin: Admin, tokens: JoinTokens, fleet: string, requestId: string): Promise<number> {
  const player = `player-of-${requestId}`;
  const startMs = performance.now();
  const given = await admin.allocate({ fleet, requestId, players: [player], waitMs: WITHIN_MS, leaseSeconds: 60 });
  const server = given.gameServerName;
  const exp = Math.floor(Date.now() / 1000) + 60;
  const token = tokens.sign({ sub: player, srv: server, mat: requestId, team: 'red', exp });
  const url = `ws://${given.address}:${given.ports[0]?.port}`;
  // The answer may be here before the server has heard of its match: then it says so, and one comes again.
  while (!(await welcomed(url, token))) {
    if (performance.now() - startMs > WITHIN_MS) throw new Error(`${server} lets its player in to no match`);
    await sleep(1);
  }
  const tookMs = performance.now() - startMs;
  await admin.releaseAllocation(requestId);
  return tookMs;
}

function welcomed(url: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(FromPlayer.encode({ kind: 'join', token }));
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      resolve(ToPlayer.decode(new Uint8Array(data))?.kind === 'welcome');
      socket.close();
    };
    socket.onclose = () => resolve(false);
    socket.onerror = () => resolve(false);
  });
}
