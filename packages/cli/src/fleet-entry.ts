/** A fleet's entry written into a configuration: a new file, a JSON one, or the `fleets: [` of a module. What was written is read again, or taken back. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { loadConfig } from '@horizon-atlas/atlas';
import { AtlasError } from '@horizon-atlas/protocol';

export interface FleetEntry {
  readonly name: string;
  readonly game: string;
}

/** Rejects with CONFIG_INVALID, with the entry to be written by hand, or with what is wrong with it; the file is as it was then. */
export async function addFleet(file: string, entry: FleetEntry): Promise<'made' | 'changed'> {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const written = before === undefined ? fresh(file, entry) : withFleet(file, before, entry);
  // A module is read once a process: under a name of its own it is read anew.
  const probe = file.replace(/(\.\w+)$/, '.atlas-check$1');
  writeFileSync(probe, written);
  try {
    await loadConfig(probe);
  } catch (error) {
    throw error instanceof AtlasError ? new AtlasError(error.code, error.message.replaceAll(probe, file)) : error;
  } finally {
    rmSync(probe, { force: true });
  }
  writeFileSync(file, written);
  return before === undefined ? 'made' : 'changed';
}

function fresh(file: string, entry: FleetEntry): string {
  const config = { name: basename(dirname(file)).slice(0, 64) || 'atlas', fleets: [entry] };
  if (file.endsWith('.json')) return `${JSON.stringify(config, null, 2)}\n`;
  const name = literal(config.name);
  return `/** @type {import('horizon-atlas').AtlasConfigInput} */\nexport default {\n  name: ${name},\n  fleets: [\n    ${literal(entry)},\n  ],\n};\n`;
}

function withFleet(file: string, text: string, entry: FleetEntry): string {
  if (file.endsWith('.json')) {
    const config = JSON.parse(text) as { fleets?: unknown[] };
    return `${JSON.stringify({ ...config, fleets: [...(config.fleets ?? []), entry] }, null, 2)}\n`;
  }
  const places = [...text.matchAll(/^([ \t]*)fleets:\s*\[/gm)];
  const [place] = places;
  if (places.length === 1 && place) {
    const at = place.index + place[0].length;
    return `${text.slice(0, at)}\n${place[1]}  ${literal(entry)},${text.slice(at)}`;
  }
  const opening = [...text.matchAll(/export default (?:defineAtlas\()?\{/g)];
  const [only] = opening;
  if (places.length === 0 && opening.length === 1 && only) {
    const at = only.index + only[0].length;
    return `${text.slice(0, at)}\n  fleets: [\n    ${literal(entry)},\n  ],${text.slice(at)}`;
  }
  throw new AtlasError(
    'CONFIG_INVALID',
    `${file} is written in a way of its own: add this to its fleets yourself\n\n  ${literal(entry)},`,
  );
}

/** As a person writes it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(
      ([key, each]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : `'${key}'`}: ${literal(each)}`,
    );
    return `{ ${fields.join(', ')} }`;
  }
  return typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : String(value);
}
