/** The matchmaker of a configuration, put together: its Store, its fleets, join tokens, recordings, and whose tokens players come with. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { type Matchmaker, makeMatchmaker } from '@horizon-atlas/matchmaker';
import type { Clock, Entropy, Probe, Store } from '@horizon-atlas/ports';
import type { GameServerPort, GameServers, JoinTokens, Sessions } from '@horizon-atlas/protocol';
import type { AtlasConfig } from './config.ts';
import { matchmakerSettings } from './config-matchmaking.ts';

export interface MatchmakingNeeds {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly probe: Probe;
  readonly store: Store;
  readonly servers: GameServers;
  readonly sessions: Sessions;
  readonly tokens: JoinTokens | undefined;
  /** Where a player reaches a server: the edge's address. undefined: no edge leads there, so it is the server's own. */
  address(server: string, player: string): string | undefined;
  /** The folder for recordings. */
  readonly recordings: string;
}

export interface Matchmaking {
  readonly matchmaker: Matchmaker;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const policy = {
  /** A join token may be shown for so long. */
  joinS: 120,
} as const;

/** undefined: the configuration has no queues. */
export function openMatchmaking(config: AtlasConfig, needs: MatchmakingNeeds): Matchmaking | undefined {
  const { matchmaking } = config;
  if (!matchmaking) return undefined;
  const { clock, entropy, probe, store, servers, sessions, tokens } = needs;
  const recordings = new Recordings(needs.recordings, probe);
  const matchmaker = makeMatchmaker(
    {
      clock,
      entropy,
      probe,
      store,
      servers,
      sessions,
      address: (server, ports, player) => needs.address(server, player) ?? ownAddress(ports),
      ...(tokens && {
        token: (sub, srv, mat, team) => tokens.sign({ sub, srv, mat, team, exp: Math.floor(clock.wall() / 1000) + policy.joinS }),
      }),
      record: (queue, line) => recordings.write(queue, line),
    },
    matchmakerSettings(matchmaking, (fleet) => config.fleets.find(({ name }) => name === fleet)?.sites ?? []),
  );
  return {
    matchmaker,
    start: () => matchmaker.start(),
    async stop() {
      await matchmaker.stop();
      await recordings.close();
    },
  };
}

/** A server without an edge is reached where it listens. */
function ownAddress(ports: readonly GameServerPort[]): string {
  const [port] = ports;
  if (!port) return '';
  const host = port.host.includes(':') ? `[${port.host}]` : port.host;
  return port.protocol === 'ws' ? `ws://${host}:${port.port}` : `${host}:${port.port}`;
}

/** A file for each queue; lines are added at its end. */
class Recordings {
  readonly #folder: string;
  readonly #probe: Probe;
  readonly #streams = new Map<string, WriteStream>();

  constructor(folder: string, probe: Probe) {
    this.#folder = folder;
    this.#probe = probe;
  }

  write(queue: string, line: string): void {
    let stream = this.#streams.get(queue);
    if (!stream) {
      mkdirSync(this.#folder, { recursive: true });
      stream = createWriteStream(join(this.#folder, `${queue}.ndjson`), { flags: 'a' });
      stream.on('error', (error) => this.#probe.event('recording_failed', { queue, error: String(error) }));
      this.#streams.set(queue, stream);
    }
    stream.write(`${line}\n`);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => new Promise<void>((resolve) => stream.end(() => resolve()))));
  }
}
