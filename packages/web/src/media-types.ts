/** What a browser is told that a file is: by its ending, and never guessed from its content. */
const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  ico: 'image/x-icon',
  woff: 'font/woff',
  woff2: 'font/woff2',
  ttf: 'font/ttf',
  otf: 'font/otf',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
  m4a: 'audio/mp4',
  mp4: 'video/mp4',
  webm: 'video/webm',
  wasm: 'application/wasm',
  glb: 'model/gltf-binary',
  gltf: 'model/gltf+json',
  webmanifest: 'application/manifest+json',
};

export const scriptType = 'text/javascript; charset=utf-8';
export const pageType = 'text/html; charset=utf-8';

export function mediaTypeOf(path: string): string {
  return types[endingOf(path)] ?? 'application/octet-stream';
}

/** Bundled before a browser gets it. */
export function isScript(path: string): boolean {
  return /\.(ts|tsx|mts|js|jsx|mjs)$/.test(path);
}

export function endingOf(path: string): string {
  return /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
}

/** Endings that a script may import as a file; it gets the file's URL. */
export const importable = [
  'svg',
  'png',
  'jpg',
  'jpeg',
  'gif',
  'webp',
  'avif',
  'woff',
  'woff2',
  'mp3',
  'ogg',
  'opus',
  'wav',
  'glb',
];
