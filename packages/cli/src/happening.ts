/** Events of Atlas's processes as sentences for people: which ones are worth a line, and in which words. */
import type { Happening } from './frame.ts';

export type EventFields = Readonly<Record<string, unknown>>;

type Sentence = readonly [tone: Happening['tone'], text: (fields: Words) => string];
/** Fields as text; a missing one is '?'. */
type Words = (name: string) => string;

const sentences: Readonly<Record<string, Sentence>> = {
  control_started: ['good', (f) => `control plane runs (pid ${f('pid')})`],
  control_resumed: [
    'good',
    (f) => `control plane is back (pid ${f('pid')}) and has found ${f('servers')} servers and gateways running`,
  ],
  supervisor_gone: ['bad', () => 'the terminal that started this Atlas is gone; it goes on, stop it with atlas down'],
  'region.active': ['good', (f) => `${f('region')} is awake`],
  'region.lost': ['bad', (f) => `the server of ${f('region')} is gone; its players wait while another takes over`],
  'region.draining': ['plain', (f) => `${f('region')} falls asleep`],
  'handoff.failed': ['bad', (f) => `a crossing from ${f('source')} to ${f('target')} ended otherwise: ${f('how')}, ${f('why')}`],
  'coordinator.deposed': ['bad', () => 'another Atlas has taken this world over'],
  // A process writes to a log named after its place.
  server_failed: ['bad', (f) => `${f('post')}: ${f('message')} (${f('code')}), see logs/${f('post').replace('/', '-')}.log`],
  companion_started: ['good', (f) => `${f('name')} started (pid ${f('pid')})`],
  companion_ended: ['bad', (f) => `${f('name')} ended (${f('how')}), starts again in ${f('againInMs')} ms`],
};

/** Everything else is told in its own words, if it sounds like trouble. */
const trouble = /fail|crash|died|dead|lost|hung|timeout|refused|error|full|corrupt|rolled_back|rollback|loop|unavailable/i;

/** undefined: not worth a line on the terminal; the log has it. */
export function happeningOf(name: string, fields: EventFields, atMs: number): Happening | undefined {
  const words: Words = (key) => say(fields[key]);
  const known = sentences[name] ?? sentences[name.replace(/^atlas_/, '')];
  if (known) return { atMs, tone: known[0], text: known[1](words) };
  if (!trouble.test(name)) return undefined;
  const details = Object.entries(fields).map(([key, value]) => `${key} ${say(value)}`);
  return { atMs, tone: 'bad', text: [name.replace(/^atlas_/, '').replaceAll(/[_-]/g, ' '), ...details].join(', ') };
}

function say(value: unknown): string {
  if (value === undefined || value === null || value === '') return '?';
  if (value instanceof Error) return value.message;
  if (typeof value === 'object') return JSON.stringify(value) ?? '?';
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(1) : String(value);
}
