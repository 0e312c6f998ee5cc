/** Figures and names as people read them. What is not known is a dash, never a zero. */

export const unknown = '–';

const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const whole = (value: number | null | undefined): string => (isKnown(value) ? count.format(value) : unknown);
export const short = (value: number | null | undefined): string =>
  isKnown(value) ? (Math.abs(value) < 10_000 ? count.format(value) : compact.format(value)) : unknown;

export function rate(value: number | null | undefined): string {
  if (!isKnown(value)) return unknown;
  return value !== 0 && value < 10 ? value.toFixed(1) : short(value);
}

export const percent = (part: number | null | undefined): string => (isKnown(part) ? `${Math.round(part * 100)} %` : unknown);

export function ms(value: number | null | undefined): string {
  if (!isKnown(value)) return unknown;
  if (value >= 10_000) return `${(value / 1000).toFixed(0)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 10 || value === 0) return `${Math.round(value)} ms`;
  return value >= 1 ? `${value.toFixed(1)} ms` : `${value.toFixed(2)} ms`;
}

export function bytes(value: number | null | undefined): string {
  if (!isKnown(value)) return unknown;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [amount, unit] = [value, 0];
  while (Math.abs(amount) >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

/** How long something lasts: its two largest parts. */
export function duration(durationMs: number | null | undefined): string {
  if (!isKnown(durationMs)) return unknown;
  const s = Math.max(0, Math.floor(durationMs / 1000));
  if (s < 60) return `${s} s`;
  const [days, hours, minutes] = [Math.floor(s / 86_400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return `${minutes} min ${s % 60} s`;
}

/** As it was configured: to the millisecond, and without parts that are zero. */
export const span = (durationMs: number): string =>
  durationMs % 1000 === 0 ? duration(durationMs).replace(/ 0 (s|min|h)$/, '') : ms(durationMs);

/** Its largest part only, for tables. */
export const roughly = (durationMs: number | null | undefined): string => duration(durationMs).split(' ').slice(0, 2).join(' ');

export const ago = (atMs: number, nowMs: number): string => (nowMs - atMs < 1500 ? 'now' : `${duration(nowMs - atMs)} ago`);

const two = (value: number): string => String(value).padStart(2, '0');

/** The local time of day. */
export function clock(atMs: number, withMs = false): string {
  const at = new Date(atMs);
  const seconds = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return withMs ? `${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}` : seconds;
}

export function date(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(atMs)}`;
}

export const coordinate = (value: number): string => (Math.abs(value) < 1000 ? value.toFixed(1) : value.toFixed(0));

/**
 * A name that a stranger chose, for showing: without what is not seen but changes the text around it (controls, marks that turn the direction of
 * writing, joiners), and never empty. Elements that show it also have `dir="auto"` and are isolated.
 */
export function shown(name: string, fallback = 'unnamed'): string {
  const clean = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, '').trim();
  return clean === '' ? fallback : clean;
}

/** No longer than so many characters as people count them. */
export function clipped(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

export const plural = (amount: number, one: string, many = `${one}s`): string => `${whole(amount)} ${amount === 1 ? one : many}`;

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** An id as the terminal shortens it: processes of one kind differ at the end, so the end is what is kept. */
export function shortId(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, id.indexOf('_') > 0 ? id.indexOf('_') : 3)}…${id.slice(-6)}`;
}
