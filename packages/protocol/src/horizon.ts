/**
 * Subprotocol horizon.v1: JSON text in the shapes of the Horizon game server.
 * Client → server: {"namespace","event","data"}. Server → client: the same, and {"type":"atlas_notice", …} for notices.
 */
export interface HorizonEvent {
  readonly namespace: string;
  readonly event: string;
  readonly data: unknown;
}

/** undefined: not JSON, or not of Horizon's shape. */
export function parseHorizon(text: string): HorizonEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { namespace, event, data } = value as Record<string, unknown>;
  if (typeof namespace !== 'string' || typeof event !== 'string') return undefined;
  if (namespace.length === 0 || namespace.length > 128 || event.length === 0 || event.length > 128) return undefined;
  return { namespace, event, data };
}

export function formatHorizon(name: string, data: unknown): string {
  const slash = name.indexOf('/');
  return JSON.stringify({ namespace: name.slice(0, slash), event: name.slice(slash + 1), data });
}
