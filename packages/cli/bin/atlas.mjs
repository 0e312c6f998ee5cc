#!/usr/bin/env node
// The `atlas` command. Plain JavaScript that any Node since 18 can read, so that an old one gets a sentence instead of a syntax error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  console.error(`atlas: Node.js 22.13 or newer is needed, and this is ${process.versions.node} (NODE_TOO_OLD)
  Get one at https://nodejs.org, or in a checkout of Horizon Atlas run: npm start`);
  process.exitCode = 6;
} else {
  await import('../src/main.ts');
}
