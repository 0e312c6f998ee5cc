/**
 * As much of a fleet as the tests of games need: one real process a server, its life in a few states, and no policy. The real one is packages/fleet, a stranger
 * to this package.
 */
import { freePorts } from '@horizon-atlas/port-contracts';
import type { Runner, RunnerReport } from '@horizon-atlas/ports';
import type { GameServerPort, GameServers, GameServerView, GameServerWord, SleepKind } from '@horizon-atlas/protocol';
import type { GameLaunch, Games, PortWish } from '../src/index.ts';

interface Member {
  view: GameServerView;
  launch: GameLaunch | undefined;
  /** How it ended, once it has. */
  exit: RunnerReport | undefined;
}

export class SmallFleet implements GameServers {
  readonly members = new Map<string, Member>();
  readonly words: { readonly id: string; readonly word: GameServerWord }[] = [];
  readonly #runner: Runner;
  readonly #watchers = new Set<(view: GameServerView, gone: boolean) => void>();
  readonly #changes = new Set<() => void>();
  games: Games | undefined;

  constructor(runner: Runner) {
    this.#runner = runner;
    runner.watch((report) => this.#reported(report));
  }

  /** Answers the server's ports by name. */
  async start(
    fleet: string,
    id: string,
    logFile: string,
    wishes: readonly PortWish[],
  ): Promise<Readonly<Record<string, number>>> {
    const former = this.members.get(id)?.view.ports;
    const ports = former ?? (await placed(wishes));
    const launch = this.games?.launch({ id, fleet, ports }, logFile);
    if (!launch) throw new Error('no games');
    this.#put(id, { ...blank, ...this.members.get(id)?.view, id, fleet, state: 'Scheduled', ports }, launch);
    const report = await this.#runner.start(launch.spec);
    if (report.kind === 'failed') throw new Error(report.message);
    return Object.fromEntries(ports.map(({ name, port }) => [name, port]));
  }

  async stop(id: string): Promise<RunnerReport | undefined> {
    const member = this.members.get(id);
    if (!member?.launch) throw new Error(`no ${id}`);
    this.#set(id, { state: 'Shutdown' });
    await this.#runner.stop(id, member.launch.stopGraceMs);
    return member.exit;
  }

  /** What a former Atlas left running, as the fleet finds it again. */
  adopt(id: string, fleet: string, pid: number, ports: readonly GameServerPort[], state: GameServerView['state']): void {
    this.#put(id, { ...blank, id, fleet, pid, ports, state }, undefined);
  }

  /** The first view that fits, now or later. */
  async until(id: string, fits: (view: GameServerView) => boolean, what: string, deadlineMs = 20_000): Promise<GameServerView> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const member = this.members.get(id);
      if (member && fits(member.view)) return member.view;
      const left = deadline - performance.now();
      if (left <= 0)
        throw new Error(
          `not within ${deadlineMs} ms: ${what}; it is ${JSON.stringify(member?.view)}, said ${JSON.stringify(this.words.slice(-5))}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changes.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async exitOf(id: string, deadlineMs = 20_000): Promise<RunnerReport> {
    await this.until(id, () => this.members.get(id)?.exit !== undefined, `${id} has ended`, deadlineMs);
    return this.members.get(id)?.exit as RunnerReport;
  }

  get = (id: string) => this.members.get(id)?.view;
  list = (fleet?: string) =>
    [...this.members.values()].map(({ view }) => view).filter((view) => fleet === undefined || view.fleet === fleet);
  order = () => 'PROCESS_STATE' as const;

  watch(fn: (view: GameServerView, gone: boolean) => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  heard(id: string, word: GameServerWord): boolean {
    this.words.push({ id, word });
    const view = this.get(id);
    if (!view) return false;
    if (word.say === 'ready' && view.state === 'Starting') this.#set(id, { state: 'Ready' });
    else if (word.say === 'players')
      this.#set(id, {
        players: { count: word.count, capacity: word.capacity ?? 0, ...(word.names ? { names: word.names } : {}) },
      });
    else if (word.say === 'hung') {
      this.#set(id, { state: 'Unhealthy', why: word.why });
      void this.#runner.stop(id, 0);
    }
    return true;
  }

  sleep(id: string, how: SleepKind): 'PROCESS_STATE' | undefined {
    if (this.get(id)?.state !== 'Ready') return 'PROCESS_STATE';
    this.#set(id, { state: 'Sleeping' });
    if (how === 'frozen') this.#runner.freeze(id);
    else void this.#runner.stop(id, this.members.get(id)?.launch?.stopGraceMs ?? 1000);
    return undefined;
  }

  wake(id: string): 'PROCESS_STATE' | undefined {
    const member = this.members.get(id);
    if (member?.view.state !== 'Sleeping') return 'PROCESS_STATE';
    if (member.view.pid > 0) {
      this.#runner.thaw(id);
      this.#set(id, { state: 'Ready' });
    } else void this.start(member.view.fleet, id, member.launch?.spec.logFile ?? '', []);
    return undefined;
  }

  #reported(report: RunnerReport): void {
    const member = this.members.get(report.id);
    if (!member) return;
    if (report.kind === 'started') {
      this.#set(report.id, { state: 'Starting', pid: report.pid });
      return;
    }
    member.exit = report;
    if (member.view.state === 'Sleeping') this.#set(report.id, { pid: 0 });
    else this.#set(report.id, { state: member.view.state === 'Starting' ? 'Error' : member.view.state, pid: 0 }, true);
  }

  #put(id: string, view: GameServerView, launch: GameLaunch | undefined): void {
    this.members.set(id, { view, launch: launch ?? this.members.get(id)?.launch, exit: undefined });
    this.#tell(view, false);
  }

  #set(id: string, more: Partial<GameServerView>, gone = false): void {
    const member = this.members.get(id);
    if (!member) return;
    member.view = { ...member.view, ...more };
    this.#tell(member.view, gone);
  }

  #tell(view: GameServerView, gone: boolean): void {
    if (process.env.ATLAS_GAMES_TELL) {
      const { count, names = [] } = view.players ?? { count: 0 };
      const atS = (performance.now() / 1000).toFixed(1).padStart(6);
      console.log(`${atS} s  ${view.id} ${view.state}${gone ? ', gone' : ''}, ${count} playing ${names.join(' ')}${view.why}`);
    }
    for (const watcher of this.#watchers) watcher(view, gone);
    const changes = [...this.#changes];
    this.#changes.clear();
    for (const change of changes) change();
  }
}

const blank: GameServerView = {
  id: '',
  fleet: '',
  version: '',
  state: 'Scheduled',
  sinceMs: 0,
  startedAtMs: 0,
  pid: 0,
  ports: [],
  labels: {},
  annotations: {},
  counters: {},
  lists: {},
  players: undefined,
  allocations: [],
  why: '',
};

async function placed(wishes: readonly PortWish[]): Promise<GameServerPort[]> {
  const numbers = new Map<string, number>();
  for (const { name, port, above } of wishes) if (!above) numbers.set(name, port ?? (await freePorts(2))[0] ?? 0);
  return wishes.map(({ name, protocol, above }) => ({
    name,
    protocol,
    host: '127.0.0.1',
    port: above ? (numbers.get(above.name) ?? 0) + above.by : (numbers.get(name) ?? 0),
  }));
}
