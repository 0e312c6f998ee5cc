/**
 * A project on the disk, whole or not at all: it is written into a folder beside its place and moved there when it is complete. What lies there
 * already is never written over.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AtlasError } from '@horizon-atlas/protocol';
import { type Filling, filesOf, type TemplateFile, templates } from './templates.ts';

export interface Wishes extends Filling {
  readonly folder: string;
  readonly template: string;
  /** A folder that is not empty is filled up: what is there stays as it is. */
  readonly force: boolean;
}

export interface Created {
  readonly folder: string;
  /** Paths from the folder. */
  readonly written: readonly string[];
  /** Were there already, and are not ours: the project may lack something. */
  readonly kept: readonly string[];
}

/** What lies in a folder that a person would still call empty. */
const harmless = new Set(['.git', '.DS_Store', 'Thumbs.db', 'desktop.ini', '.idea', '.vscode', 'npm-debug.log']);

/** Throws FOLDER_NOT_EMPTY, FOLDER_UNUSABLE or TEMPLATE_UNKNOWN, having changed nothing. */
export function createProject(wishes: Wishes): Created {
  const folder = resolve(wishes.folder);
  if (!templates.some(({ name }) => name === wishes.template)) {
    throw new AtlasError(
      'TEMPLATE_UNKNOWN',
      `there is no template ${wishes.template}: ${templates.map(({ name }) => name).join(', ')}`,
    );
  }
  const there = contentOf(folder);
  const inTheWay = there.filter((name) => !harmless.has(name));
  if (inTheWay.length > 0 && !wishes.force) throw notEmpty(folder, inTheWay);
  const files = filesOf(wishes.template, wishes);
  const kept = files.map(({ path }) => path).filter((path) => existsSync(join(folder, path)));
  const wanted = files.filter(({ path }) => !kept.includes(path));
  try {
    put(folder, wanted, there.length === 0 && !existsSync(folder));
  } catch (error) {
    throw new AtlasError('FOLDER_UNUSABLE', `${folder} cannot be written: ${(error as Error).message}`);
  }
  return { folder, written: wanted.map(({ path }) => path), kept };
}

function contentOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory()) throw new AtlasError('FOLDER_UNUSABLE', `${folder} is a file: name another folder`);
  return readdirSync(folder);
}

function notEmpty(folder: string, names: readonly string[]): AtlasError {
  const shown = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return new AtlasError(
    'FOLDER_NOT_EMPTY',
    `${folder} is not empty: there is ${shown}${more}\n  Name another folder, or add what is missing there with --force, which overwrites nothing.`,
  );
}

function put(folder: string, files: readonly TemplateFile[], isNew: boolean): void {
  // On the same disk as its place, so that moving it is one step; who may write into a folder may not always do so beside it.
  const home = isNew ? dirname(folder) : folder;
  mkdirSync(home, { recursive: true });
  const stage = mkdtempSync(join(home, `.${basename(folder).replace(/^\.+/, '')}-`));
  const moved: string[] = [];
  try {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(stage, path)), { recursive: true });
      writeFileSync(join(stage, path), content);
    }
    if (isNew) return renameSync(stage, folder);
    // The folder stays the same one: a shell may stand in it.
    for (const { path } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      renameSync(join(stage, path), join(folder, path));
      moved.push(path);
    }
  } catch (error) {
    for (const path of moved) rmSync(join(folder, path), { force: true });
    throw error;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}
