/**
 * Client events that somebody listens to. A module beside the configuration exports one function per event of horizon.v1, by its
 * `namespace/event`; gateways decode just these, and the bus brings them to the functions in the control plane's process.
 *
 *   export default { 'movement/position_update': ({ player, data }) => … } satisfies Listeners;
 */
import { pathToFileURL } from 'node:url';
import type { Bus, Cancel, Probe } from '@horizon-atlas/ports';
import { AtlasError, type GatewayToControl } from '@horizon-atlas/protocol';

export interface ClientEvent {
  readonly session: string;
  readonly player: string;
  readonly namespace: string;
  readonly event: string;
  /** What the client wrote: of any shape, and not to be believed. */
  readonly data: unknown;
}

/** Notices, not commands: at most 20 a second of a connection, lost with the control plane, and no answer. */
export type Listeners = Readonly<Record<string, (event: ClientEvent) => void>>;

/** Throws CONFIG_INVALID. */
export async function loadListeners(file: string): Promise<Listeners> {
  const { default: listeners } = (await import(pathToFileURL(file).href)) as { default?: unknown };
  const wrong = (found: string): never => {
    const example = "export default { 'movement/position_update': (event) => console.log(event.player) }";
    throw new AtlasError(
      'CONFIG_INVALID',
      `${file}: expected functions by namespace/event as its default export, found ${found}; for example\n  ${example}`,
    );
  };
  if (typeof listeners !== 'object' || listeners === null) return wrong(listeners === undefined ? 'none' : typeof listeners);
  for (const [name, listener] of Object.entries(listeners)) {
    if (!/^[^/]+\/[^/]+$/.test(name)) return wrong(`the name "${name}"`);
    if (typeof listener !== 'function') return wrong(`${typeof listener} at "${name}"`);
  }
  return listeners as Listeners;
}

/** A listener that throws is reported and costs nothing else. */
export function bindListeners(bus: Bus, listeners: Listeners, probe: Probe): Cancel {
  const cancels = Object.entries(listeners).map(([name, listener]) =>
    bus.subscribe(subjectOf(name), (payload) => {
      try {
        listener(JSON.parse(decoder.decode(payload)) as ClientEvent);
      } catch (error) {
        probe.event('listener_failed', { event: name, error: String(error) });
      }
    }),
  );
  return () => {
    for (const cancel of cancels) cancel();
  };
}

export function publishClientEvent(bus: Bus, message: Extract<GatewayToControl, { kind: 'clientEvent' }>): void {
  const { session, player, namespace, event } = message;
  const told: ClientEvent = { session, player, namespace, event, data: JSON.parse(message.data) };
  bus.publish(subjectOf(`${namespace}/${event}`), encoder.encode(JSON.stringify(told)));
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Names are clients' texts, and a subject's words have no dots. */
function subjectOf(name: string): string {
  return `client.${encodeURIComponent(name).replaceAll('.', '%2E')}`;
}
