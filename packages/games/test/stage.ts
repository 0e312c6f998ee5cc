/** A runner, a small fleet and the games service over a folder of this test; `close` ends whatever still runs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeProcessRunner } from '@horizon-atlas/adapter-process';
import { makeQueries } from '@horizon-atlas/adapter-query';
import type { Runner } from '@horizon-atlas/ports';
import { noProbe, systemClock } from '@horizon-atlas/runtime';
import { checkGame, type GameFleet, type GameInput, type Games, makeGames, portWishes } from '../src/index.ts';
import { SmallFleet } from './small-fleet.ts';

export class Stage {
  /** Where games' npm packages are. */
  static project = import.meta.dirname;
  readonly dir = mkdtempSync(join(tmpdir(), 'atlas-games-'));
  runner: Runner;
  fleet: SmallFleet;
  games: Games;
  readonly #fleets: readonly GameFleet[];

  constructor(fleets: readonly (Partial<GameFleet> & Pick<GameFleet, 'game'>)[]) {
    this.#fleets = fleets.map((each) => ({ name: 'one', variables: {}, host: '127.0.0.1', ...each }));
    ({ runner: this.runner, fleet: this.fleet, games: this.games } = this.#open());
    this.games.start();
  }

  #open(): { runner: Runner; fleet: SmallFleet; games: Games } {
    const runner = makeProcessRunner({ dir: join(this.dir, 'records'), clock: systemClock() });
    const fleet = new SmallFleet(runner);
    const games = makeGames(
      {
        clock: systemClock(),
        probe: noProbe,
        queries: makeQueries(),
        runner,
        servers: fleet,
        root: join(this.dir, 'servers'),
        project: Stage.project,
      },
      this.#fleets,
    );
    fleet.games = games;
    return { runner, fleet, games };
  }

  /** Atlas is gone, and another one finds what it left. */
  async restart(): Promise<void> {
    const views = this.fleet.list();
    this.games.close();
    await this.runner.close();
    ({ runner: this.runner, fleet: this.fleet, games: this.games } = this.#open());
    for (const { id, fleet, pid, ports, state } of views) this.fleet.adopt(id, fleet, pid, ports, state);
    this.games.start();
  }

  start(id = 'gs_1', fleet = 'one') {
    const { definition } = this.#fleets.find(({ name }) => name === fleet)?.game ?? {};
    return this.fleet.start(fleet, id, this.logFile(id), definition ? portWishes(definition, {}) : []);
  }

  logFile(id = 'gs_1'): string {
    return join(this.dir, 'logs', `${id}.log`);
  }

  log(id = 'gs_1'): string {
    return readFileSync(this.logFile(id), 'utf8');
  }

  async close(): Promise<void> {
    this.games.close();
    for (const { id } of await this.runner.list()) await this.runner.stop(id, 0);
    await this.runner.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A game whose server is a script of this test, run by Node.js. */
export function scripted(dir: string, script: string, more: Partial<GameInput> = {}) {
  const file = join(dir, 'server.mjs');
  writeFileSync(file, script);
  const checked = checkGame({
    name: 'Scripted',
    argv: ['node', file, '{{port.game}}'],
    ports: { game: { protocol: 'udp' } },
    ...more,
  } satisfies GameInput);
  if (!checked.ok) throw new Error(JSON.stringify(checked.complaints));
  return { definition: checked.definition, id: 'scripted', file };
}
