/** One crossing's place in the coordinator: its state, its regions, its timer, and what the figures want to know of it. */
import type { RegionEntry } from './book.ts';
import type { Desk } from './desk.ts';
import type { Handoff, HandoffInput } from './handoff.ts';
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
  readonly #onDue: () => void;
  #frozenAtMs = 0;
  #counted = false;

  constructor(state: Handoff, source: RegionEntry, target: RegionEntry, onDue: () => void) {
    this.state = state;
    this.source = source;
    this.target = target;
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

  noteFreezing({ figures, nowMs }: Desk): void {
    this.#frozenAtMs = nowMs;
    if (this.#counted) return;
    this.#counted = true;
    figures.handoffs.total++;
    if (this.state.phase === 'freezing' && this.state.synced > 0) figures.handoffs.warm++;
    if (this.predicted) figures.kinematic.right++;
    else figures.kinematic.missed++;
  }

  noteDone({ figures, nowMs, out }: Desk): void {
    if (!this.#counted) return;
    figures.handoffs.done++;
    figures.frozenMs.add(nowMs - this.#frozenAtMs);
    const { group, epoch } = this.state;
    const fields = { group, epoch, source: this.source.id, target: this.target.id, frozenMs: nowMs - this.#frozenAtMs };
    out.event('handoff.done', fields);
  }

  noteEnd({ figures, out }: Desk, how: string): void {
    if (how === 'done') return;
    if (!this.#counted) {
      if (how === 'lapsed' && this.predicted) figures.kinematic.wrong++;
      return;
    }
    if (how === 'rolled-back') figures.handoffs.rolledBack++;
    else figures.handoffs.failed++;
    const why = 'why' in this.state ? this.state.why : how;
    out.event('handoff.failed', { group: this.state.group, source: this.source.id, target: this.target.id, how, why });
  }
}
