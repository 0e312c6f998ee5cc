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

/** ms from the request: to its answer, to the open socket, to the match's welcome. */
export interface Played {
  readonly answeredMs: number;
  readonly connectedMs: number;
  readonly playableMs: number;
}

/** The match is ended again. */
export async function playOnce(admin: Admin, tokens: JoinTokens, fleet: string, requestId: string): Promise<Played> {
  const player = `player-of-${requestId}`;
  const startMs = performance.now();
  const given = await admin.allocate({ fleet, requestId, players: [player], waitMs: WITHIN_MS, leaseSeconds: 60 });
  const answeredMs = performance.now() - startMs;
  const server = given.gameServerName;
  const exp = Math.floor(Date.now() / 1000) + 60;
  const token = tokens.sign({ sub: player, srv: server, mat: requestId, team: 'red', exp });
  const url = `ws://${given.address}:${given.ports[0]?.port}`;
  for (;;) {
    const { openMs, isIn } = await join(url, token);
    const playableMs = performance.now() - startMs;
    if (isIn) {
      await admin.releaseAllocation(requestId);
      return { answeredMs, connectedMs: openMs - startMs, playableMs };
    }
    if (playableMs > WITHIN_MS) throw new Error(`${server} lets its player in to no match`);
    // The answer may be here before the server has heard of its match: then it says so, and one comes again.
    await sleep(1);
  }
}

/** @returns openMs of performance.now(); NaN: it never was */
function join(url: string, token: string): Promise<{ readonly openMs: number; readonly isIn: boolean }> {
  let openMs = Number.NaN;
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const end = (isIn: boolean) => resolve({ openMs, isIn });
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      openMs = performance.now();
      socket.send(FromPlayer.encode({ kind: 'join', token }));
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      end(ToPlayer.decode(new Uint8Array(data))?.kind === 'welcome');
      socket.close();
    };
    socket.onclose = () => end(false);
    socket.onerror = () => end(false);
  });
}
