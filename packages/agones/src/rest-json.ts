/** The JSON of protobuf, as far as these messages need it: defaults are left out, numbers of 64 bits are text. */

/** The fields of 32 bits; all other numbers of the messages have 64. */
const smallNumbers = new Set(['code', 'port', 'period_seconds', 'failure_threshold', 'initial_delay_seconds']);
/** Whose members are named by people, and of whom none is left out. */
const maps = new Set(['annotations', 'labels', 'counters', 'lists']);

export function toJson(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(message)) {
    if (value === undefined || value === 0 || value === '' || value === false) continue;
    if (Array.isArray(value)) {
      if (value.length > 0) json[key] = value.map((item) => (isObject(item) ? toJson(item) : item));
    } else if (isObject(value)) {
      if (!maps.has(key)) json[key] = toJson(value);
      else if (Object.keys(value).length > 0)
        json[key] = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, isObject(item) ? toJson(item) : item]));
    } else {
      json[key] = typeof value === 'number' && !smallNumbers.has(key) ? String(value) : value;
    }
  }
  return json;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
