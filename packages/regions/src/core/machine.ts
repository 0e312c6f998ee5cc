/** One crossing's place in the coordinator: its state, its regions, its timer, and what the figures want to know of it. */
import type { RegionEntry } from './book.ts';
import { CrossingTrace } from './crossing-trace.ts';
import type { Desk } from './desk.ts';
import type { Handoff, HandoffEnd, HandoffInput } from './handoff-states.ts';
import type { Timed } from './timers.ts';

export class Machine implements Timed {
  state: Handoff;
  readonly source: RegionEntry;
  readonly target: RegionEntry;
  dueMs = Number.POSITIVE_INFINITY;
  queuedMs = Number.POSITIVE_INFINITY;
  ended = false;
  /** A transaction of it is under way: nobody may read either region's state. */
  busy = false;
  /** Begun by an approach, not only by the crossing itself. */
  predicted = false;
  readonly trace: CrossingTrace;
  /** Counts all crossings of a coordinator. */
  readonly #number: number;
  readonly #onDue: () => void;
  #warm: boolean | undefined = undefined;
  #frozenAtMs = 0;
  #frozenMs: number | undefined;
  #counted = false;

  constructor(number: number, desk: Desk, state: Handoff, source: RegionEntry, target: RegionEntry, onDue: () => void) {
    this.#number = number;
    this.state = state;
    this.source = source;
    this.target = target;
    this.trace = new CrossingTrace(desk.tracer, state, desk.nowMs);
    this.#onDue = onDue;
  }

  due(): void {
    this.#onDue();
  }

  /** Whether an answer given at this epoch is one to what this asks: the target speaks at the new one, a source may use either. */
  accepts(input: HandoffInput, epoch: number): boolean {
    const { state } = this;
    switch (input.kind) {
      case 'needState':
      case 'activated':
        return state.phase === 'activating' && epoch === Math.max(state.newEpoch, this.target.epoch);
      case 'thawed':
      case 'released':
        return epoch === state.epoch || ('newEpoch' in state && epoch === state.newEpoch);
      default:
        return epoch === state.epoch;
    }
  }

  /** Tells what it has become. */
  noteStep({ out, nowMs }: Desk, end?: HandoffEnd): void {
    if (!out.crossing) return;
    const { state } = this;
    if (state.phase === 'committing' || state.phase === 'activating') this.#warm ??= state.warm;
    out.crossing({
      atMs: nowMs,
      crossing: this.#number,
      group: state.group,
      epoch: state.epoch,
      source: this.source.id,
      target: this.target.id,
      phase: end ?? state.phase,
      ended: end !== undefined,
      newEpoch: 'newEpoch' in state ? state.newEpoch : 0,
      warm: this.#warm,
      why: 'why' in state ? state.why : '',
    });
  }

  noteFreezing({ figures, nowMs }: Desk): void {
    this.#frozenAtMs = nowMs;
    if (this.#counted) return;
    this.#counted = true;
    figures.handoffs.total++;
    if (this.state.phase === 'freezing' && this.state.synced > 0) figures.handoffs.warm++;
    if (!this.predicted) figures.guesses.missed++;
  }

  /** The group has changed owner; `stayedMs` is how long it had been at the source. */
  noteDone({ figures, transitions, nowMs, out }: Desk, stayedMs: number): void {
    if (!this.#counted) return;
    const source = this.source.id;
    const target = this.target.id;
    figures.handoffs.done++;
    const frozenMs = nowMs - this.#frozenAtMs;
    this.#frozenMs = frozenMs;
    figures.frozenMs.add(frozenMs);
    figures.predictors.note('kinematic', this.predicted ? target : undefined, target);
    figures.predictors.note('markov', transitions.predict(source)?.target, target);
    transitions.observe(source, target, stayedMs);
    const { group, epoch } = this.state;
    out.event('handoff.done', { group, epoch, source, target, frozenMs });
  }

  noteEnd({ figures, out, nowMs }: Desk, how: HandoffEnd): void {
    this.trace.end(how, this.#frozenMs, nowMs);
    if (how === 'done') return;
    if (!this.#counted) {
      if (how !== 'lapsed' || !this.predicted) return;
      figures.guesses.wrong++;
      // It did not get there: counted as a prediction of another place.
      figures.predictors.note('kinematic', this.target.id, this.source.id);
      return;
    }
    if (how === 'rolled-back') figures.handoffs.rolledBack++;
    else figures.handoffs.failed++;
    const why = 'why' in this.state ? this.state.why : how;
    out.event('handoff.failed', { group: this.state.group, source: this.source.id, target: this.target.id, how, why });
  }
}
