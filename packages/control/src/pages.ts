/**
 * Files of built pages: the dashboard, a game's web client. Only what the folder lists is served, so that no path can lead out of it. Names with a
 * hash in them never change and are kept by browsers for good; everything else is asked for anew by its ETag.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refused } from './problems.ts';

export interface PageMount {
  /** Looked into at each request that finds nothing: pages may be built while Atlas runs. */
  readonly folder: string;
  /** What its scripts may connect to beside Atlas itself: gateways, as `wss://host:port`. */
  readonly connect?: () => readonly string[];
}

export const limits = {
  /** A file that is larger is not served: it is no part of a page. */
  fileBytes: 16 * 1024 * 1024,
  /** Of a folder; more is not a page but a mistake in the configuration. */
  files: 2000,
} as const;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};
const compressed = new Set(['.html', '.js', '.css', '.json', '.svg', '.wasm', '.webmanifest', '.txt', '.map']);

interface PageFile {
  readonly mtimeMs: number;
  readonly size: number;
  readonly bytes: Buffer;
  readonly gzipped: Buffer | undefined;
  readonly etag: string;
  readonly type: string;
}

export class Pages {
  readonly #mount: PageMount;
  #names: ReadonlySet<string> | undefined;
  readonly #files = new Map<string, PageFile>();

  constructor(mount: PageMount) {
    this.#mount = mount;
  }

  get folder(): string {
    return this.#mount.folder;
  }

  /** Whether there is something to show at all. */
  get isBuilt(): boolean {
    return this.#has('index.html');
  }

  /** `path`: below the mount, without a slash in front. Throws NOT_FOUND. */
  answer(request: FastifyRequest, reply: FastifyReply, path: string): FastifyReply {
    const name = this.#nameFor(path, request);
    const file = this.#read(name);
    if (!file) throw new Refused('NOT_FOUND', `${request.url.split('?', 1)[0]} does not exist`);
    const hashed = /[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(name) && name !== 'index.html';
    reply
      .headers(securityHeaders(this.#mount.connect?.() ?? []))
      .header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      .header('etag', file.etag)
      .header('vary', 'accept-encoding');
    if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
    reply.type(file.type);
    const gzip = file.gzipped && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    return gzip ? reply.header('content-encoding', 'gzip').send(file.gzipped) : reply.send(file.bytes);
  }

  /** A path that a page has made up for itself is the page's. What has an ending was meant to be a file. */
  #nameFor(path: string, request: FastifyRequest): string {
    if (path === '') return 'index.html';
    if (this.#has(path)) return path;
    if (this.#has(`${path.replace(/\/$/, '')}/index.html`)) return `${path.replace(/\/$/, '')}/index.html`;
    return extname(path) === '' && String(request.headers.accept ?? '').includes('text/html') ? 'index.html' : path;
  }

  #has(name: string): boolean {
    if (this.#names?.has(name)) return true;
    this.#names = listOf(this.#mount.folder);
    return this.#names.has(name);
  }

  #read(name: string): PageFile | undefined {
    if (!this.#has(name)) return undefined;
    const path = join(this.#mount.folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > limits.fileBytes) return undefined;
    const known = this.#files.get(name);
    if (known && known.mtimeMs === stat.mtimeMs && known.size === stat.size) return known;
    const bytes = readFileSync(path);
    const ending = extname(name).toLowerCase();
    const file: PageFile = {
      mtimeMs: stat.mtimeMs,
      size: stat.size,
      bytes,
      gzipped: compressed.has(ending) && bytes.length > 1024 ? gzipSync(bytes) : undefined,
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`,
      type: types[ending] ?? 'application/octet-stream',
    };
    this.#files.set(name, file);
    return file;
  }
}

/** A page may load only what Atlas serves, run no text as a script, and talk to nobody but Atlas and the gateways. */
export function securityHeaders(connect: readonly string[]): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-src 'self'",
    `connect-src ${["'self'", ...connect.filter((url) => /^wss?:\/\/[^\s;,']+$/.test(url))].join(' ')}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  };
}

function listOf(folder: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .slice(0, limits.files)
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    return new Set(names.map((name) => name.split(sep).join('/')));
  } catch {
    // There is none: not built.
    return new Set();
  }
}
