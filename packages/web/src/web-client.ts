/**
 * What is at each path below the page's own. A script of the folder comes bundled under its own name, so that `index.html` simply says
 * `<script type="module" src="main.ts">`, and there is nothing to build, to start or to configure. Other files come as they are.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bundler } from './bundler.ts';
import { limits } from './limits.ts';
import { isScript, mediaTypeOf, pageType, scriptType } from './media-types.ts';
import { genericPage, genericStyle, pageFor } from './pages.ts';
import { fileIn, safePath } from './paths.ts';
import { troubleScript } from './trouble.ts';

export type WebSource =
  /** A folder with an `index.html`. All of it can be read by whoever opens the page. */
  | { readonly kind: 'folder'; readonly folder: string }
  /** One script, and a page made for it. Nothing else of its folder is served. */
  | { readonly kind: 'entry'; readonly entry: string }
  /** The game has none: a page that joins and shows who is where, of any game. */
  | { readonly kind: 'generic' };

export type WebAnswer =
  | {
      readonly kind: 'file';
      readonly type: string;
      readonly body: Uint8Array;
      /** Changes with the body. */
      readonly tag: string;
      /** It only says what is wrong with what was asked for. */
      readonly trouble: boolean;
    }
  | { readonly kind: 'missing'; readonly message: string };

/** What its keeper should hear of. */
export type WebNews =
  | { readonly kind: 'built'; readonly entry: string; readonly bytes: number; readonly ms: number }
  | { readonly kind: 'failed'; readonly entry: string; readonly text: string };

export interface WebClient {
  /** @param path as it stands in the URL, from below the page's own, without query: empty for the page */
  ask(path: string): Promise<WebAnswer>;
  close(): Promise<void>;
}

export interface WebClientOptions {
  readonly source: WebSource;
  /** Of the page, where the game brings none. */
  readonly title: string;
  onNews(news: WebNews): void;
}

export function makeWebClient(options: WebClientOptions): WebClient {
  return new Client(options);
}

const encoder = new TextEncoder();
const PAGE = 'index.html';
/** Compiled code has its sources' names with another ending, and nothing but its own name tells which it is. */
const genericEntry = fileURLToPath(new URL(`./generic/main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));

class Client implements WebClient {
  readonly #source: WebSource;
  readonly #title: string;
  readonly #bundler: Bundler;

  constructor({ source, title, onNews }: WebClientOptions) {
    this.#source = source;
    this.#title = title;
    this.#bundler = new Bundler(({ entry, bundled, ms }) => {
      if (bundled.ok) onNews({ kind: 'built', entry, bytes: bundled.script.length, ms });
      else onNews({ kind: 'failed', entry, text: bundled.text });
    });
  }

  async ask(asked: string): Promise<WebAnswer> {
    const path = asked === '' ? PAGE : safePath(asked);
    if (path === undefined) return missing();
    const source = this.#source;
    if (source.kind === 'folder') return this.#inFolder(source.folder, path);
    const entry = source.kind === 'entry' ? source.entry : genericEntry;
    if (path === PAGE) {
      const page = source.kind === 'entry' ? pageFor(this.#title, basename(entry)) : genericPage(this.#title, basename(entry));
      return fileOf(pageType, encoder.encode(page));
    }
    if (path === basename(entry)) return this.#script(entry, path);
    if (source.kind === 'generic' && path === 'style.css') return fileOf(mediaTypeOf(path), encoder.encode(genericStyle));
    return this.#output(join(dirname(entry), path));
  }

  close(): Promise<void> {
    return this.#bundler.close();
  }

  async #inFolder(folder: string, path: string): Promise<WebAnswer> {
    const found = fileIn(folder, path);
    if (!found) return path === PAGE ? missing(`${folder} has no ${PAGE}`) : this.#output(join(folder, path));
    if (isScript(path)) return this.#script(found.file, path);
    if (found.bytes > limits.fileBytes) return missing(`${path} is larger than ${limits.fileBytes} bytes`);
    try {
      return fileOf(mediaTypeOf(path), await readFile(found.file));
    } catch (error) {
      return missing(`${path} cannot be read: ${(error as Error).message}`);
    }
  }

  async #script(entry: string, path: string): Promise<WebAnswer> {
    const bundled = await this.#bundler.bundle(entry);
    // A browser runs no script that comes with a failure's status, so it comes as any other.
    return bundled.ok ? fileOf(scriptType, bundled.script) : fileOf(scriptType, troubleScript(path, bundled.text), true);
  }

  #output(path: string): WebAnswer {
    const body = this.#bundler.output(path);
    return body ? fileOf(mediaTypeOf(path), body) : missing();
  }
}

function fileOf(type: string, body: Uint8Array, trouble = false): WebAnswer {
  return { kind: 'file', type, body, tag: createHash('sha1').update(body).digest('base64url'), trouble };
}

function missing(message = 'there is no such file in the web client'): WebAnswer {
  return { kind: 'missing', message };
}
