/** Small pieces that many views share: names of people, states, empty and waiting views, headings of pages. */
import type { AdminError } from '@horizon-atlas/sdk-admin';
import type { ComponentChildren } from 'preact';
import { clipped, percent, shown } from '../format.ts';
import { Icon, type IconName } from './icons.tsx';

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain' | 'quiet';

/** A name that a stranger chose: as text, isolated from the writing direction around it, and no longer than it may be. */
export function Name({ name, most = 48, fallback = 'unnamed' }: { name: string; most?: number; fallback?: string }) {
  const text = shown(name, fallback);
  const cut = clipped(text, most);
  return (
    <bdi class="name" dir="auto" title={cut === text ? undefined : clipped(text, 300)}>
      {cut}
    </bdi>
  );
}

const tones: Readonly<Record<string, Tone>> = {
  active: 'good',
  ready: 'good',
  online: 'good',
  done: 'good',
  starting: 'warn',
  backoff: 'warn',
  stopping: 'warn',
  draining: 'warn',
  joining: 'warn',
  away: 'warn',
  'under way': 'warn',
  'rolled back': 'bad',
  recovering: 'bad',
  unhealthy: 'bad',
  error: 'bad',
  failed: 'bad',
  asleep: 'quiet',
  stopped: 'quiet',
  gone: 'quiet',
  searching: 'warn',
  queued: 'warn',
  'requires acceptance': 'warn',
  accepting: 'warn',
  placing: 'warn',
  completed: 'good',
  finished: 'quiet',
  over: 'quiet',
  ended: 'quiet',
  lost: 'bad',
  cancelled: 'quiet',
  'timed out': 'bad',
  scheduled: 'warn',
  warming: 'warn',
  reserved: 'accent',
  allocated: 'accent',
  activating: 'accent',
  maintaining: 'warn',
  sleeping: 'quiet',
  open: 'good',
  held: 'warn',
  shutdown: 'quiet',
};

export function State({ state }: { state: string }) {
  const words = state.toLowerCase().replaceAll(/[-_]/g, ' ');
  return <span class={`state ${tones[words] ?? 'plain'}`}>{words}</span>;
}

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} size={24} />
      <p class="empty-title">{title}</p>
      {children && <p class="empty-more">{children}</p>}
    </div>
  );
}

/** What Atlas said instead of doing what a form asked for. */
export function Refusal({ error }: { error: AdminError }) {
  return (
    <p class="refusal" role="alert">
      <Icon name="warn" />
      <span>
        {error.message} <code>{error.code}</code>
      </span>
    </p>
  );
}

/** Holds the room of what is on its way, so that nothing jumps when it comes. */
export function Waiting({ rows = 6, label }: { rows?: number; label: string }) {
  return (
    <div class="waiting" role="status">
      <span class="unseen">{label}</span>
      {Array.from({ length: rows }, (_, i) => (
        <div class="bone" key={i} />
      ))}
    </div>
  );
}

export interface HeadProps {
  readonly title: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly back?: { readonly href: string; readonly label: string };
  readonly children?: ComponentChildren;
}

export function Head({ title, aside, back, children }: HeadProps) {
  return (
    <header class="head">
      <div class="head-title">
        {back && (
          <a class="icon-button" href={back.href} aria-label={back.label}>
            <Icon name="back" />
          </a>
        )}
        <h1 tabIndex={-1}>{title}</h1>
        {aside && <span class="head-aside">{aside}</span>}
      </div>
      {children && <div class="head-tools">{children}</div>}
    </header>
  );
}

/** A name and its value, many of them in a grid. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

export function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A part of a whole as a bar; above 1 it is full and red. */
export function Meter({ part, label }: { part: number | null; label: string }) {
  const value = Math.min(Math.max(part ?? 0, 0), 1);
  const tone = part === null ? 'quiet' : part < 0.6 ? 'good' : part < 0.9 ? 'warn' : 'bad';
  return (
    <svg class={`meter ${tone}`} viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="meter-ground" width="100" height="4" />
      <rect class="meter-value" width={value * 100} height="4" />
    </svg>
  );
}

/** Of one core. */
export const CpuMeter = ({ part }: { part: number | null }) => (
  <span class="with-meter">
    <Meter part={part} label={`${percent(part)} of a core`} />
    {percent(part)}
  </span>
);
