/**
 * What Node.js has compiled, and TypeScript without its types, is kept where Atlas says (NODE_COMPILE_CACHE), so that what replaces this
 * server starts in half the time. Node.js itself keeps it at an orderly exit, and a server that is killed has none.
 */
import module from 'node:module';

/** After the start; later starts find all of it there and write nothing. */
export function keepCompiled(): void {
  setImmediate(() => module.flushCompileCache?.());
}
