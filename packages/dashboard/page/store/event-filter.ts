/** Which events match what somebody chose. */
import type { Event } from '@horizon-atlas/sdk-admin';

export interface EventFilter {
  /** The beginning of the type, up to a dot or all of it. */
  readonly type: string;
  readonly tone: string;
  readonly region: string;
  /** A part of the text, the type, or of who or what it is about. */
  readonly text: string;
}

export function eventMatches(event: Event, { type, tone, region, text }: EventFilter): boolean {
  if (type !== '' && event.type !== type && !event.type.startsWith(`${type}.`)) return false;
  if (tone !== '' && event.tone !== tone) return false;
  if (region !== '' && event.region !== region) return false;
  const wanted = text.trim().toLocaleLowerCase();
  if (wanted === '') return true;
  return [event.text, event.type, event.player, event.server].some((each) => each.toLocaleLowerCase().includes(wanted));
}
