/** Which Atlas a command is about: found by a configuration, a data directory, or what lies in the current folder. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { dataDirAt, type Holder, holderOf, loadConfig } from '@horizon-atlas/atlas';
import { AtlasError } from '@horizon-atlas/protocol';

export interface Where {
  readonly config?: string | undefined;
  readonly dataDir?: string | undefined;
}

const names = ['atlas.config.ts', 'atlas.config.mts', 'atlas.config.js', 'atlas.config.mjs', 'atlas.config.json'];

/** The configuration that is meant when none is named. Throws CONFIG_NOT_FOUND. */
export function findConfig(named: string | undefined, folder = process.cwd()): string {
  if (named !== undefined) return resolve(folder, named);
  const found = names.map((name) => resolve(folder, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new AtlasError('CONFIG_NOT_FOUND', `there is no ${names[0]} in ${folder}\n  Name one: atlas up path/to/atlas.config.ts`);
}

/** The running Atlas of a place. Rejects with NOT_RUNNING, saying where was looked. */
export async function findRunning({ config, dataDir }: Where): Promise<{ readonly root: string; readonly holder: Holder }> {
  const root = await rootOf({ config, dataDir });
  const holder = holderOf(dataDirAt(root));
  if (holder) return { root, holder };
  throw new AtlasError('NOT_RUNNING', `no Atlas runs on ${root}\n  Another one? Name its configuration, or give --data-dir`);
}

/** The data directory of a place, whether or not an Atlas runs on it. */
export async function rootOf({ config, dataDir }: Where): Promise<string> {
  if (dataDir !== undefined) return resolve(dataDir);
  const lying = resolve('.atlas');
  const any = names.some((name) => existsSync(resolve(name)));
  if (config === undefined && !any) return lying;
  return (await loadConfig(findConfig(config))).dataDir;
}

const usualApi = 'http://127.0.0.1:7700';

/** Where the API of the Atlas that is meant listens. Rejects with NOT_RUNNING. Nothing was named and nothing lies here: the usual address. */
export async function apiOf(where: Where & { readonly api?: string | undefined }): Promise<string> {
  if (where.api !== undefined) return where.api;
  let api: string;
  try {
    ({ api } = (await findRunning(where)).holder);
  } catch (error) {
    if (where.config !== undefined || where.dataDir !== undefined) throw error;
    return usualApi;
  }
  if (api === '') throw new AtlasError('NOT_RUNNING', 'this Atlas is still starting: try again in a moment');
  return api;
}
