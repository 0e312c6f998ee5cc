/**
 * A server's folder: where it runs, what it saves, and what Atlas writes there for it. It belongs to a place of the fleet (its first server, its second …), not to a
 * process, so that what was saved is there when the next process starts.
 */
import { randomInt } from 'node:crypto';
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { AtlasError } from '@horizon-atlas/protocol';

export interface FolderFile {
  /** Below the folder. */
  readonly path: string;
  readonly text: string;
  readonly when: 'always' | 'missing';
  /** Readable by the server alone. */
  readonly secret: boolean;
}

/** Throws GAME_FOLDER_UNUSABLE. @param owner whose it is to be; undefined: Atlas's own user's */
export function writeFolder(folder: string, files: readonly FolderFile[], owner: { uid: number; gid: number } | undefined): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    if (owner) chownSync(folder, owner.uid, owner.gid);
    for (const file of files) writeFile(folder, file, owner);
  } catch (error) {
    if (error instanceof AtlasError) throw error;
    throw new AtlasError('GAME_FOLDER_UNUSABLE', `${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Every secret that was made up for this folder: also of a variable that has a given value by now, since its log still tells of the time before. */
export function madeUpSecrets(folder: string): Readonly<Record<string, string>> {
  try {
    const known = JSON.parse(readFileSync(join(folder, secretsFile), 'utf8')) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(known).filter((each): each is [string, string] => typeof each[1] === 'string'));
  } catch {
    // There is none, or the server has spoilt it: the folder is its own.
    return {};
  }
}

/** The secret of that name that was made up for this folder, now or earlier. */
export function madeUpSecret(folder: string, name: string, length: number): string {
  const path = join(folder, secretsFile);
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  const known = madeUpSecrets(folder);
  const secret = known[name] ?? Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
  if (known[name] === undefined) writeFileSync(path, JSON.stringify({ ...known, [name]: secret }), { mode: 0o600 });
  return secret;
}

const secretsFile = '.atlas-secrets.json';
const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

function writeFile(
  folder: string,
  { path, text, when, secret }: FolderFile,
  owner: { uid: number; gid: number } | undefined,
): void {
  const file = resolve(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  // A server may have put a link there, and Atlas may have rights that the server lacks.
  const inside = `${realpathSync(folder)}${sep}`;
  if (!`${realpathSync(dirname(file))}${sep}`.startsWith(inside))
    throw new AtlasError('GAME_FOLDER_UNUSABLE', `${file} would lie outside of the server's folder`);
  if (when === 'missing' && existsSync(file)) return;
  if (existsSync(file) && !lstatSync(file).isFile()) throw new AtlasError('GAME_FOLDER_UNUSABLE', `${file} is no file`);
  const fresh = `${file}.atlas-new`;
  writeFileSync(fresh, text, { mode: secret ? 0o600 : 0o640 });
  if (owner) chownSync(fresh, owner.uid, owner.gid);
  renameSync(fresh, file);
}
