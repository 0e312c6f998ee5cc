/**
 * A configuration's file, read and checked. This much is loaded by every configuration, for its `defineAtlas`; what checks it comes after it was read.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AtlasError } from '@horizon-atlas/protocol';
import type { AtlasConfig, Override } from './config.ts';
import type { AtlasConfigInput } from './config-schema.ts';

/** Where a world is kept unless its configuration says otherwise, beside it. */
export const usualDataDir = '.atlas';

/** Gives the editor the types; what is wrong is told when Atlas starts. */
export function defineAtlas(config: AtlasConfigInput): AtlasConfigInput {
  return config;
}

/**
 * Rejects with CONFIG_NOT_FOUND or CONFIG_INVALID. A `.ts` or `.js` file's default export, or JSON.
 * @param meanwhile is told the data directory while all else is still to be checked; it may be that of a configuration that is refused then
 */
export async function loadConfig(
  path: string,
  overrides: readonly Override[] = [],
  meanwhile: (dataDir: string) => void = () => {},
): Promise<AtlasConfig> {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new AtlasError(
      'CONFIG_NOT_FOUND',
      `there is no configuration at ${file}\n  Name one: atlas up path/to/atlas.config.ts`,
    );
  }
  const input = await readInput(file);
  const dataDir =
    overrides.find((each) => each.path === 'dataDir')?.value ?? (input as { dataDir?: unknown } | null)?.dataDir ?? usualDataDir;
  if (typeof dataDir === 'string') meanwhile(resolve(dirname(file), dataDir));
  const { checkConfig, formatComplaints } = await import('./config.ts');
  const checked = checkConfig(input, file, overrides);
  if (!checked.ok) throw new AtlasError('CONFIG_INVALID', formatComplaints(file, checked.complaints));
  if (checked.config.fleets.some(({ game }) => game !== undefined)) {
    // Loaded by those alone who have such a fleet.
    const { gameFleetsOf } = await import('./game-fleets.ts');
    await gameFleetsOf(checked.config);
  }
  return checked.config;
}

async function readInput(file: string): Promise<unknown> {
  try {
    if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8'));
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    if (module.default === undefined) throw new Error('it has no default export: write export default defineAtlas({ … })');
    return module.default;
  } catch (error) {
    throw new AtlasError('CONFIG_INVALID', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
