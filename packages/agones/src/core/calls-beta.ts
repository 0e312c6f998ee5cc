/** `agones.dev.sdk.beta.SDK`: counters and lists. They must be declared with the fleet; a server changes what is there and adds none. */
import type { GameServerCounter, GameServerList } from '@horizon-atlas/protocol';
import { type Answer, answered, type Refusal, refused } from './answer.ts';
import { numberOf, type Request, type Run, type Speaker, say, textOf, withView } from './calls.ts';
import { agonesLimits } from './limits.ts';

export const betaCalls = {
  GetCounter: (speaker, request) => onCounter(speaker, textOf(request.name), counterAnswer),
  UpdateCounter: (speaker, request) => updateCounter(speaker, request.counterUpdateRequest ?? {}),
  GetList: (speaker, request) => onList(speaker, textOf(request.name), listAnswer),
  UpdateList: (speaker, request) => updateList(speaker, request),
  AddListValue: (speaker, request) => addValue(speaker, textOf(request.name), textOf(request.value)),
  RemoveListValue: (speaker, request) => removeValue(speaker, textOf(request.name), textOf(request.value)),
} as const satisfies Readonly<Record<string, Run>>;

function updateCounter(speaker: Speaker, request: Request): Answer {
  const name = textOf(request.name);
  const count = numberOf(unwrapped(request.count));
  const capacity = numberOf(unwrapped(request.capacity));
  const by = numberOf(request.countDiff) || undefined;
  if ([count, capacity, by].some((number) => Number.isNaN(number)))
    return refused('INVALID_ARGUMENT', 'REQUEST_INVALID', 'a counter counts in whole numbers below 2^53');
  if (count === undefined && capacity === undefined && by === undefined)
    return refused('INVALID_ARGUMENT', 'REQUEST_INVALID', 'invalid argument. One of count, capacity and countDiff is needed');
  return onCounter(speaker, name, (_, held) => {
    const nextCapacity = capacity ?? held.capacity;
    if (nextCapacity < 0) return beyond(`out of range. Capacity must be greater than or equal to 0. Found Capacity: ${capacity}`);
    const next = (count ?? held.count) + (by ?? 0);
    // As Agones has it: what asks for too much is refused, but a capacity below the count takes the count down with it.
    if ((count !== undefined || by !== undefined) && (next < 0 || next > nextCapacity))
      return beyond(`out of range. Count must be within range [0,Capacity]. Found Count: ${next}, Capacity: ${nextCapacity}`);
    const said = say(speaker, {
      say: 'counter',
      name,
      ...(count !== undefined || next > nextCapacity ? { count: Math.min(next, nextCapacity) } : by !== undefined ? { by } : {}),
      ...(capacity !== undefined && { capacity }),
    });
    return said.ok ? onCounter(speaker, name, counterAnswer) : said;
  });
}

function updateList(speaker: Speaker, request: Request): Answer {
  const list = request.list ?? {};
  const name = textOf(list.name);
  const paths = pathsOf(request.update_mask, list);
  const wrong = paths.filter((path) => path !== 'name' && path !== 'capacity' && path !== 'values');
  if (wrong.length > 0)
    return refused('INVALID_ARGUMENT', 'REQUEST_INVALID', `a list has capacity and values, and no ${wrong.join(', ')}`);
  const capacity = paths.includes('capacity') ? (numberOf(list.capacity) ?? 0) : undefined;
  if (capacity !== undefined && !(capacity >= 0 && capacity <= agonesLimits.listCapacity))
    return beyond(`out of range. Capacity must be within range [0,${agonesLimits.listCapacity}]. Found Capacity: ${capacity}`);
  const told = list.values ?? [];
  if (!Array.isArray(told) || !told.every(fits)) return valueWrong();
  const values = paths.includes('values') ? [...new Set(told)] : undefined;
  return onList(speaker, name, (_, held) => {
    const nextCapacity = capacity ?? held.capacity;
    const next = (values ?? held.values).slice(0, nextCapacity);
    const said = say(speaker, {
      say: 'list',
      name,
      ...((values || next.length < held.values.length) && { values: next }),
      ...(capacity !== undefined && { capacity }),
    });
    return said.ok ? onList(speaker, name, listAnswer) : said;
  });
}

function addValue(speaker: Speaker, name: string, value: string): Answer {
  if (!fits(value)) return valueWrong();
  return onList(speaker, name, (_, { values, capacity }) => {
    if (values.length >= capacity)
      return beyond(`out of range. No available capacity. Current Capacity: ${capacity}, List Size: ${values.length}`);
    if (values.includes(value))
      return refused('ALREADY_EXISTS', 'REQUEST_INVALID', `already exists. Value: ${value} already in List: ${name}`);
    const said = say(speaker, { say: 'list', name, add: [value] });
    return said.ok ? onList(speaker, name, listAnswer) : said;
  });
}

function removeValue(speaker: Speaker, name: string, value: string): Answer {
  return onList(speaker, name, (_, { values }) => {
    if (!values.includes(value))
      return refused('NOT_FOUND', 'ID_UNKNOWN', `not found. Value: ${value.slice(0, 64)} not in List: ${name}`);
    const said = say(speaker, { say: 'list', name, remove: [value] });
    return said.ok ? onList(speaker, name, listAnswer) : said;
  });
}

function onCounter(speaker: Speaker, name: string, run: (name: string, counter: GameServerCounter) => Answer): Answer {
  return withView(speaker, ({ counters, fleet }) => {
    const counter = Object.hasOwn(counters, name) ? counters[name] : undefined;
    return counter ? run(name, counter) : undeclared('counter', name, fleet);
  });
}

function onList(speaker: Speaker, name: string, run: (name: string, list: GameServerList) => Answer): Answer {
  return withView(speaker, ({ lists, fleet }) => {
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
    return list ? run(name, list) : undeclared('list', name, fleet);
  });
}

function counterAnswer(name: string, { count, capacity }: GameServerCounter): Answer {
  return answered({ name, count, capacity });
}

function listAnswer(name: string, { values, capacity }: GameServerList): Answer {
  return answered({ name, capacity, values: [...values] });
}

function undeclared(kind: string, name: string, fleet: string): Refusal {
  return refused('NOT_FOUND', 'ID_UNKNOWN', `${kind} not found: ${name.slice(0, 64)}; declare it with the fleet ${fleet}`);
}

function beyond(message: string): Refusal {
  return refused('OUT_OF_RANGE', 'REQUEST_INVALID', message);
}

function fits(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= agonesLimits.valueBytes;
}

function valueWrong(): Refusal {
  return refused('INVALID_ARGUMENT', 'REQUEST_INVALID', `a list's value has 1 to ${agonesLimits.valueBytes} characters`);
}

/** google.protobuf.Int64Value is an object in protobuf and a bare number in its JSON. */
function unwrapped(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? ((value as Request).value ?? 0) : value;
}

/**
 * Which fields to change. A mask without paths means all that are set: the published Node.js SDK sends such ones, since it names the paths where
 * its protobuf library does not look for them.
 */
function pathsOf(mask: Request | undefined, list: Request): readonly unknown[] {
  const told = Array.isArray(mask?.paths) ? (mask.paths as readonly unknown[]) : [];
  if (told.length > 0) return told;
  const hasValues = Array.isArray(list.values) && list.values.length > 0;
  return [...(list.capacity === undefined ? [] : ['capacity']), ...(hasValues ? ['values'] : [])];
}
