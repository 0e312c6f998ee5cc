#!/usr/bin/env node
// What `npm create horizon-atlas` runs, on whatever Node the machine has: plain JavaScript, so that an old one gets a sentence.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 18 || (major === 18 && minor < 19)) {
  console.error(`create-horizon-atlas: Node.js 18.19 or newer is needed, and this is ${process.versions.node} (NODE_TOO_OLD)
  Get one at https://nodejs.org. The world itself brings its own Node along.`);
  process.exitCode = 6;
} else {
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
