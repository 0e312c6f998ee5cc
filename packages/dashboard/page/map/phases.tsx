/** A handoff's phases as a bar: how long each took. The frozen part, which players feel, is the bright one. */
import type { Handoff } from '@horizon-atlas/sdk-admin';
import { ms } from '../format.ts';

const felt = new Set(['freezing', 'frozen', 'committing', 'activating']);

export interface PhaseSpan {
  readonly phase: string;
  readonly lastsMs: number;
  readonly felt: boolean;
}

export function spansOf(handoff: Handoff): PhaseSpan[] {
  const { phases } = handoff;
  return phases.map(({ phase, atMs }, i) => {
    const endMs = phases[i + 1]?.atMs ?? handoff.endedAtMs ?? atMs;
    return { phase, lastsMs: Math.max(0, endMs - atMs), felt: felt.has(phase) };
  });
}

/** Widths of the bar: by the root of the time, or the milliseconds that matter would vanish beside the seconds that do not. */
export function widthsOf(spans: readonly PhaseSpan[]): number[] {
  const roots = spans.map((span) => Math.sqrt(span.lastsMs) + 0.6);
  const sum = roots.reduce((a, b) => a + b, 0);
  return roots.map((root) => (sum > 0 ? root / sum : 0));
}

export function PhaseBar({ handoff }: { handoff: Handoff }) {
  const spans = spansOf(handoff);
  if (spans.length === 0) return null;
  const widths = widthsOf(spans);
  const words = spans.map((span) => `${span.phase} ${ms(span.lastsMs)}`).join(', ');
  let at = 0;
  return (
    <svg class="phases" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={`phases: ${words}`}>
      <title>{words}</title>
      {spans.map((span, i) => {
        const x = at;
        at += (widths[i] ?? 0) * 100;
        return (
          <rect
            key={`${span.phase}${i}`}
            class={span.felt ? 'felt' : ''}
            x={x}
            width={Math.max((widths[i] ?? 0) * 100 - 0.7, 0.4)}
            height="4"
          />
        );
      })}
    </svg>
  );
}
