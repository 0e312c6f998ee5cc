/** `npm install` in a new project, and what its failure most likely means, in a sentence. */
import { spawn } from 'node:child_process';

const OUTPUT_CHARACTERS = 20_000;

/** undefined: everything is there. Else what went wrong, for people. */
export async function npmInstall(folder: string, say: (text: string) => void): Promise<string | undefined> {
  const child = spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-OUTPUT_CHARACTERS);
    });
  }
  const startedAt = Date.now();
  const ticker = setInterval(() => say(`  … still installing, ${Math.round((Date.now() - startedAt) / 1000)} s`), 10_000);
  const code = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      output += String(error);
      resolve(-1);
    });
    child.on('close', (exit) => resolve(exit ?? -1));
  });
  clearInterval(ticker);
  return code === 0 ? undefined : explain(output);
}

export function explain(output: string): string {
  if (/spawn npm ENOENT|npm: (command )?not found|not recognized as/.test(output)) {
    return 'npm was not found: it comes with Node.js, https://nodejs.org';
  }
  if (/ENOTFOUND|EAI_AGAIN|ENETUNREACH|ETIMEDOUT|ECONNREFUSED|ECONNRESET/.test(output)) {
    return 'the npm registry cannot be reached: check the network, or proxy and registry in `npm config list`';
  }
  const missing = /404 .*?'([^']+)'|ETARGET[\s\S]*?No matching version found for (\S+)/.exec(output);
  if (missing) return `the npm registry has no ${missing[1] ?? missing[2]}`;
  if (/ENOSPC/.test(output)) return 'the disk is full';
  if (/EACCES|EPERM/.test(output)) return 'files here may not be written';
  const words = output.trim().split('\n').slice(-5).join('\n');
  return `npm install failed:\n${words}`;
}
