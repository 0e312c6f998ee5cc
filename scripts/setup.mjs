/**
 * Runs before `npm start` and `npm test`: installs what is missing, and does nothing quickly when all is there. Bundles are not made
 * here: Atlas starts without them, and makes them while it runs.
 *
 * Plain JavaScript that Node 18 can run, because it runs on whatever node the machine has; everything after it runs on the Node 24
 * that the repository brings with it (the npm package `node`).
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const npmLeast = 10;
const nodeLeast = 24;

/** What stands between this checkout and running: 'nothing', 'install', or the sentence that tells a person what to do. */
export function lookAt(root) {
  const lock = join(root, 'package-lock.json');
  if (!existsSync(lock)) return `there is no package-lock.json in ${root}: is the checkout complete?`;
  // npm notes here what it has put into node_modules. Held against the lock file by content: times of files tell nothing after a checkout.
  const noted = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(noted) || !existsSync(nodeBinary(root))) return 'install';
  const wanted = read(lock).packages;
  const installed = read(noted).packages;
  const lacks = Object.keys(wanted).some((path) => path.startsWith('node_modules/') && !isThere(wanted[path], installed[path]));
  return lacks || !isNewEnough(installed['node_modules/node']) ? 'install' : 'nothing';
}

function isThere(wanted, installed) {
  // Optional ones are for other platforms, mostly.
  if (!installed) return wanted.optional === true || wanted.devOptional === true;
  return installed.version === wanted.version && installed.link === wanted.link;
}

function isNewEnough(node) {
  return node !== undefined && Number(String(node.version).split('.')[0]) >= nodeLeast;
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function nodeBinary(root) {
  return join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
}

/** undefined: new enough. */
export function npmTrouble(userAgent, ask = askNpm) {
  const version = /\bnpm\/(\d+)(\S*)/.exec(userAgent || '') || /^()?(\d+)(\S*)/.exec(ask() || '');
  if (!version) return 'npm was not found. It comes with Node.js: https://nodejs.org';
  const major = Number(version[1] || version[2]);
  return major >= npmLeast
    ? undefined
    : `npm ${npmLeast} or newer is needed, and this is npm ${major}: run npm install -g npm@${npmLeast}`;
}

function askNpm() {
  return spawnSync('npm', ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' }).stdout;
}

/** What a failed `npm ci` most likely means, in a sentence. */
export function explain(output) {
  if (/ENOTFOUND|EAI_AGAIN|ENETUNREACH|ETIMEDOUT|ECONNREFUSED|ECONNRESET/.test(output)) {
    return 'the npm registry cannot be reached: check the network, or the proxy and registry in `npm config list`';
  }
  if (/ENOSPC/.test(output)) return 'the disk is full';
  if (/EACCES|EPERM/.test(output)) return 'files here may not be written: who owns node_modules?';
  if (/EUSAGE|can only install packages when your package.json and package-lock.json/.test(output)) {
    return 'package.json and package-lock.json disagree: run npm install';
  }
  return 'npm ci failed; its last words are above';
}

async function install(root) {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  console.log('Horizon Atlas: installing what is missing, Node 24 included (npm ci). The first time takes a minute or two.');
  const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-20_000);
    process.stderr.write(chunk);
  });
  const ticker = setInterval(() => console.log(`  … still installing, ${seconds()}`), 5000);
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += String(error);
      resolve(1);
    });
    child.on('close', resolve);
  });
  clearInterval(ticker);
  if (code !== 0) return explain(output);
  const answer = spawnSync(nodeBinary(root), ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
  if (answer.status !== 0) {
    return `the Node ${nodeLeast} of this repository does not run here (${process.platform} ${process.arch}): install Node ${nodeLeast} yourself and run npm again`;
  }
  console.log(`Installed in ${seconds()}; running on Node ${answer.stdout.trim().slice(1)}.\n`);
  return undefined;
}

async function main(root) {
  const found = lookAt(root);
  if (found === 'nothing') return undefined;
  if (found !== 'install') return found;
  return npmTrouble(process.env.npm_config_user_agent) || (await install(root));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const trouble = await main(join(dirname(fileURLToPath(import.meta.url)), '..'));
  if (trouble) {
    console.error(`\nHorizon Atlas cannot start: ${trouble}`);
    process.exitCode = 1;
  }
}
