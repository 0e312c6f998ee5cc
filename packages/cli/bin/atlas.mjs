#!/usr/bin/env node
// The `atlas` command. Plain JavaScript that any Node since 18 can read, so that an old one gets a sentence instead of a syntax error.
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  console.error(`atlas: Node.js 22.13 or newer is needed, and this is ${process.versions.node} (NODE_TOO_OLD)
  Get one at https://nodejs.org, or in a checkout of Horizon Atlas run: npm start`);
  process.exitCode = 6;
} else {
  // Compiled code, types stripped, is kept for the next start and for the processes that this one starts: they begin several times
  // faster, in a third less memory. Beside the other installed things, because it is as disposable.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../../node_modules/.cache/atlas', import.meta.url));
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  await import('@horizon-atlas/bundles/preload');
  await import('../src/main.ts');
}
