/** A game's own web client as a browser wants it: files, and TypeScript bundled when it is asked for. Knows nothing of HTTP. */
export { limits } from './limits.ts';
export { makeWebClient, type WebAnswer, type WebClient, type WebNews, type WebSource } from './web-client.ts';
