/** The trace of a sampled crossing: one span for the whole, one for each phase, and what the messages of a phase carry on. */
import type { Span, Tracer } from '@horizon-atlas/ports';
import type { Handoff, HandoffEnd } from './handoff-states.ts';

const phases: Readonly<Record<Handoff['phase'], string>> = {
  predicted: 'handoff.predict',
  preparing: 'handoff.prepare',
  syncing: 'handoff.sync',
  freezing: 'handoff.freeze',
  committing: 'handoff.commit',
  activating: 'handoff.activate',
  releasing: 'handoff.release',
  reverting: 'handoff.revert',
  thawing: 'handoff.thaw',
};

export class CrossingTrace {
  readonly #tracer: Tracer;
  readonly #whole: Span | undefined;
  #phase: Span | undefined;

  constructor(tracer: Tracer, first: Handoff, nowMs: number) {
    this.#tracer = tracer;
    const { group, epoch, source, target } = first;
    this.#whole = tracer.begin('handoff', nowMs, { group, epoch, source, target });
    this.enter(first, nowMs);
  }

  /** Of the phase: what it causes elsewhere hangs below it. */
  get traceparent(): string | undefined {
    return this.#phase?.traceparent;
  }

  enter(state: Handoff, nowMs: number): void {
    if (!this.#whole) return;
    this.#phase?.end(nowMs);
    this.#phase = this.#tracer.follow(this.#whole.traceparent, phases[state.phase], nowMs);
    if ('teleport' in state && state.teleport) this.#whole.set({ teleport: true });
    if ('warm' in state) this.#whole.set({ warm: state.warm });
    if ('newEpoch' in state) this.#whole.set({ newEpoch: state.newEpoch });
    if ('why' in state) this.#phase?.set({ why: state.why });
  }

  /** `frozenMs`: from the freeze to the activation, if it came so far. */
  end(how: HandoffEnd, frozenMs: number | undefined, nowMs: number): void {
    if (!this.#whole) return;
    this.#phase?.end(nowMs);
    this.#whole.set(frozenMs === undefined ? { outcome: how } : { outcome: how, frozenMs });
    // A guess that came to nothing is no fault.
    this.#whole.end(nowMs, how === 'rolled-back' || how === 'moved' ? how : '');
  }
}
