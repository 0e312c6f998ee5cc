/**
 * From wishes to a project: asks for what is missing where somebody can answer, makes the project, installs what it needs, and says what to do
 * next. The same for `npm create horizon-atlas` and `atlas init`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AtlasError } from '@horizon-atlas/protocol';
import { type Created, createProject } from './create-project.ts';
import { npmInstall } from './install.ts';
import { nameFor, nameTrouble, titleOf } from './project-name.ts';
import type { Ask } from './questions.ts';
import { templates } from './templates.ts';

export interface InitOptions {
  readonly folder?: string | undefined;
  readonly name?: string | undefined;
  readonly template?: string | undefined;
  /** Take what is usual instead of asking. */
  readonly yes?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly install?: boolean | undefined;
  /** A version, a tag, or a tarball of horizon-atlas. Default: the release that this belongs to. */
  readonly atlas?: string | undefined;
}

export interface InitHost {
  say(text: string): void;
  /** undefined: nobody can answer. */
  readonly ask: Ask | undefined;
}

const usualFolder = 'my-world';

/** Rejects with an AtlasError; then nothing was made, except with INSTALL_FAILED. */
export async function initProject(options: InitOptions, { say, ask: someone }: InitHost): Promise<Created> {
  const ask = options.yes ? undefined : someone;
  const { folder, name, template } = await decide(options, ask);
  const atlas = whereAtlasIs(options.atlas);
  const filling = { name, title: titleOf(name), release: ownRelease(), atlas };
  const created = createProject({ ...filling, folder, template, force: options.force === true });
  say(`${name} is in ${created.folder}: ${created.written.length} files of the template ${template}.`);
  for (const path of created.kept) say(`  left as it was: ${path}`);
  if (created.kept.includes('package.json'))
    say(`  your package.json needs "horizon-atlas": "${atlas}" in its dependencies, and "type": "module"`);
  const trouble = options.install === false ? undefined : await install(created.folder, say);
  if (trouble !== undefined) {
    throw new AtlasError(
      'INSTALL_FAILED',
      `the project is there, but ${trouble}\n  Then: cd ${pathFor(created.folder)} && npm install && npm start`,
    );
  }
  say(nextSteps(created.folder, options.install === false, template));
  return created;
}

async function decide(
  { folder, name, template }: InitOptions,
  ask: Ask | undefined,
): Promise<{ readonly folder: string; readonly name: string; readonly template: string }> {
  // Before any question: what was wished for must be possible.
  if (name !== undefined) mustBeName(name);
  const where = folder ?? (ask ? await ask.text('Where shall the project be?', usualFolder) : usualFolder);
  const usual = nameFor(basename(resolve(where)));
  const chosen = name ?? (ask ? await ask.text('What is it called?', usual, nameTrouble) : usual);
  mustBeName(chosen);
  const first = templates[0]?.name ?? '';
  return { folder: where, name: chosen, template: template ?? (ask ? await ask.choice('Which template?', templates) : first) };
}

function mustBeName(name: string): void {
  const trouble = nameTrouble(name);
  if (trouble !== undefined) throw new AtlasError('NAME_INVALID', `"${name}" cannot be the name of a package: ${trouble}`);
}

async function install(folder: string, say: (text: string) => void): Promise<string | undefined> {
  say('Installing what it needs, a Node of its own included (npm install) …');
  const startedAt = Date.now();
  const trouble = await npmInstall(folder, say);
  if (trouble === undefined) say(`Installed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.`);
  return trouble;
}

/** What package.json says after "horizon-atlas". */
function whereAtlasIs(wished: string | undefined): string {
  if (wished !== undefined) {
    const file = resolve(wished.replace(/^file:/, ''));
    if (!/\.tgz$/.test(wished)) return wished;
    if (!existsSync(file)) throw new AtlasError('FOLDER_UNUSABLE', `there is no tarball at ${file}`);
    return `file:${file}`;
  }
  const version = ownRelease();
  if (!import.meta.url.endsWith('.ts')) return version;
  // From a checkout: no registry has this release, so the project gets what `npm run pack` makes here.
  const tarball = fileURLToPath(new URL(`../../../dist/tarballs/horizon-atlas-${version}.tgz`, import.meta.url));
  if (existsSync(tarball)) return `file:${tarball}`;
  throw new AtlasError(
    'FOLDER_UNUSABLE',
    'this is a checkout, and a project needs its packages as tarballs: run npm run pack first',
  );
}

export function ownRelease(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

function nextSteps(folder: string, bare: boolean, template: string): string {
  const here = pathFor(folder);
  const { start = '', loadtest } = templates.find(({ name }) => name === template) ?? {};
  const steps = [
    ...(here === '.' ? [] : [[`cd ${here}`, '']]),
    ...(bare ? [['npm install', '']] : []),
    ['npm start', start],
    ['npm test', 'what holds of your game, in a moment'],
    ...(loadtest ? [['npm run loadtest', 'many players, against the one that runs']] : []),
  ];
  return `\nNext:\n${steps.map(([command = '', why]) => `  ${why ? command.padEnd(20) + why : command}`).join('\n')}\n`;
}

/** As one would type it here. */
function pathFor(folder: string): string {
  const path = relative(process.cwd(), folder) || '.';
  const shown = isAbsolute(path) || path.startsWith('..') ? folder : path;
  return /[^\w./~-]/.test(shown) ? `'${shown.replaceAll("'", "'\\''")}'` : shown;
}
