/** What happens to matches, told once each: formed, begun, ended, or come to nothing. For whoever keeps a log of happenings. */
import type { Probe } from '@horizon-atlas/ports';
import type { Match, MatchStage } from './core/match-life.ts';

export class MatchNews {
  readonly #probe: Probe;
  /** Of matches that are not over. */
  readonly #stages = new Map<string, MatchStage>();

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  /** Those that a former Atlas has told of. */
  found(matches: Iterable<Match>): void {
    for (const { id, stage } of matches) if (stage !== 'ended') this.#stages.set(id, stage);
  }

  changed(match: Match): void {
    const { id, stage } = match;
    const before = this.#stages.get(id);
    if (stage === before) return;
    if (stage === 'ended') {
      // One that is over may still change: its ratings come later.
      if (!this.#stages.delete(id)) return;
    } else this.#stages.set(id, stage);
    if (before === undefined && stage !== 'ended') this.#tell('match_formed', match);
    if (stage === 'active') this.#tell('match_begun', match);
    if (stage === 'ended') this.#tell(before === 'active' ? 'match_ended' : 'match_failed', match);
  }

  #tell(name: string, { id, queue, fleet, server, place, teams, outcome, timeline, placedMs, endedMs }: Match): void {
    const tickets = teams.flatMap((team) => team.tickets);
    const players = tickets.reduce((sum, ticket) => sum + ticket.players.length, 0);
    const lastedMs = placedMs > 0 && endedMs > 0 ? endedMs - placedMs : 0;
    const why = timeline.at(-1)?.text ?? '';
    this.#probe.event(name, { match: id, queue, fleet, server, place, players, teams: teams.length, outcome, lastedMs, why });
  }
}
