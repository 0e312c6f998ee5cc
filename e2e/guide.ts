/**
 * A guide as something that can be done: its files, its commands, and what it says will be seen.
 *
 *   `name.ts`            a line of its own, then a fenced block: the file is written
 *   ```console           each `$ …` is run in the folder; the lines below it have to come, in this order; … stands for anything
 *   ```console running   the same for what does not end: it goes on until the guide is over
 *   <!-- world: path --> the folder begins with the files of that example
 *
 * Ports are the guide's to name and the test's to choose: 7700 and 7777 are replaced by free ones in files and commands.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Installation } from './installation.ts';
import { until } from './until.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

export type Step =
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | { readonly kind: 'command'; readonly command: string; readonly expects: readonly string[]; readonly stays: boolean };

export interface Guide {
  readonly world: string | undefined;
  readonly steps: readonly Step[];
}

export function parseGuide(page: string): Guide {
  const steps: Step[] = [];
  for (const [, name, info = '', body = ''] of page.matchAll(/(?:^`([\w./-]+)`\n\n)?^```([^\n]*)\n([\s\S]*?)^```$/gm)) {
    const [language, ...flags] = info.split(' ');
    if (name !== undefined && language !== 'console') steps.push({ kind: 'file', name, text: body });
    else if (language === 'console') steps.push(...commandsOf(body, flags.includes('running')));
  }
  return { world: /<!-- world: (\S+) -->/.exec(page)?.[1], steps };
}

function commandsOf(body: string, stays: boolean): Step[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...expects] = text.trimEnd().split('\n');
      return { kind: 'command', command, expects, stays } as const;
    });
}

/** What is still missing of the lines that have to come; undefined: they all came. */
export function missingOf(output: string, expects: readonly string[]): string | undefined {
  let at = 0;
  for (const line of expects) {
    const pattern = line
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*');
    const found = new RegExp(`^.*${pattern}.*$`, 'm').exec(output.slice(at));
    if (!found) return line;
    at += found.index + found[0].length;
  }
  return undefined;
}

/** What an editor would say of a guide's TypeScript, its world's files included; empty: nothing. */
export function complaintsOf({ world, steps }: Guide, name: string): string {
  // Within the repository, where the packages are found.
  const folder = mkdtempSync(join(root, 'node_modules', `.guide-${name}-`));
  try {
    const files = [...worldFiles(world), ...steps.filter((step) => step.kind === 'file')];
    for (const { name: file, text } of files) writeInto(folder, file, text);
    // By name: folders in node_modules are looked into for nothing else.
    const names = files.map((file) => file.name).filter((file) => file.endsWith('.ts'));
    const settings = { extends: join(root, 'tsconfig.json'), include: [], files: names };
    writeInto(folder, 'tsconfig.json', JSON.stringify(settings));
    writeInto(folder, 'package.json', '{ "type": "module" }');
    return spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function worldFiles(world: string | undefined): { name: string; text: string }[] {
  if (world === undefined) return [];
  return readdirSync(join(root, world))
    .filter((name) => /\.(ts|md)$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(root, world, name), 'utf8') }));
}

function writeInto(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** The reader: a folder, and hands that type. */
export class Reader {
  readonly #atlas: Installation;
  readonly #children: ChildProcess[] = [];

  private constructor(atlas: Installation) {
    this.#atlas = atlas;
  }

  static async sitDown({ world }: Guide): Promise<Reader> {
    const atlas = await Installation.make();
    const reader = new Reader(atlas);
    const { home } = atlas;
    const modules = join(home, 'node_modules');
    mkdirSync(join(modules, '.bin'), { recursive: true });
    for (const name of ['horizon-atlas', '@horizon-atlas']) symlinkSync(join(root, 'node_modules', name), join(modules, name));
    const { api, gateway } = atlas.config;
    const ports = `--plain --api-port ${api.port} --gateway-port ${gateway.port}`;
    const command = `"${process.execPath}" "${join(root, 'packages/cli/bin/atlas.mjs')}"`;
    const shim = join(modules, '.bin', 'atlas');
    writeFileSync(shim, `#!/bin/sh\n[ "$1" = up ] && exec ${command} "$@" ${ports}\nexec ${command} "$@"\n`);
    chmodSync(shim, 0o755);
    writeFileSync(join(home, 'package.json'), '{ "type": "module", "private": true }');
    for (const { name, text } of worldFiles(world)) reader.#write(name, text);
    return reader;
  }

  /** Does one step; rejects with all that was seen if it does not go as the guide says. */
  async do(step: Step): Promise<void> {
    if (step.kind === 'file') this.#write(step.name, step.text);
    else await this.#run(step);
  }

  async leave(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await this.#atlas.destroy();
  }

  #write(name: string, text: string): void {
    writeInto(this.#atlas.home, name, this.#withPorts(text));
  }

  #withPorts(text: string): string {
    const { api, gateway } = this.#atlas.config;
    return text.replaceAll('7700', String(api.port)).replaceAll('7777', String(gateway.port));
  }

  async #run({ command, expects, stays }: Extract<Step, { kind: 'command' }>): Promise<void> {
    const { home } = this.#atlas;
    const bins = [join(home, 'node_modules/.bin'), dirname(process.execPath)];
    const child = spawn('bash', ['-c', this.#withPorts(command)], {
      cwd: command.startsWith('npm run ') ? root : home,
      env: { ...process.env, ATLAS_E2E: home, PATH: [...bins, process.env.PATH].join(':') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    let code: number | undefined;
    // Not `exit`: what it said last is still on its way then.
    child.on('close', (its, signal) => {
      code = its ?? (signal ? -1 : 0);
    });
    const lines = expects.map((line) => this.#withPorts(line));
    const late = `the end of ${command}`;
    const over = () => code !== undefined || (stays && missingOf(output, lines) === undefined);
    await until(late, over).catch(() => {});
    const missing = over() ? missingOf(output, lines) : 'its end';
    if (missing !== undefined) {
      throw new Error(`${command}\n\nmissing: ${missing}\n\nseen:\n${output}\n${this.#atlas.logs()}`);
    }
    if (/\batlas up\b/.test(command)) await this.#ready(child, () => output);
    else if (!stays && code !== 0) throw new Error(`${command} ended with ${code}:\n${output}`);
  }

  async #ready(child: ChildProcess, output: () => string): Promise<void> {
    const ready = async () =>
      child.exitCode !== null || (await fetch(`http://127.0.0.1:${this.#atlas.config.api.port}/readyz`)).ok;
    const came = await until('players can join', ready).catch(() => false);
    if (!came || child.exitCode !== null) throw new Error(`players cannot join:\n${output()}\n${this.#atlas.logs()}`);
  }
}
