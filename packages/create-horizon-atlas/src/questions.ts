/** Questions on a terminal. Where there is none, nobody is asked. */
import type { Interface } from 'node:readline/promises';
import { createInterface } from 'node:readline/promises';
import type { Template } from './templates.ts';

export interface Ask {
  text(question: string, usual: string, trouble?: (answer: string) => string | undefined): Promise<string>;
  choice(question: string, options: readonly Template[]): Promise<string>;
}

/** undefined: input or output is no terminal, or a machine that builds is at it. */
export function askOnTerminal(): Ask | undefined {
  const { stdin, stdout, env } = process;
  return stdin.isTTY && stdout.isTTY && !env.CI ? { text, choice } : undefined;
}

async function text(question: string, usual: string, trouble?: (answer: string) => string | undefined): Promise<string> {
  return conversation(async (line) => {
    for (;;) {
      const answer = (await line.question(`${question} (${usual}) `)).trim() || usual;
      const wrong = trouble?.(answer);
      if (wrong === undefined) return answer;
      process.stdout.write(`  ${wrong}\n`);
    }
  });
}

async function choice(question: string, options: readonly Template[]): Promise<string> {
  const list = options.map(({ name, description }, i) => `  ${i + 1}  ${name.padEnd(10)}${description}`).join('\n');
  return conversation(async (line) => {
    process.stdout.write(`${question}\n${list}\n`);
    for (;;) {
      const answer = (await line.question('(1) ')).trim() || '1';
      const found = options.find(({ name }, i) => name === answer || String(i + 1) === answer);
      if (found) return found.name;
      process.stdout.write(`  a number from 1 to ${options.length}, or a name\n`);
    }
  });
}

async function conversation<T>(talk: (line: Interface) => Promise<T>): Promise<T> {
  const line = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and Ctrl-D: nothing was made yet.
  line.on('SIGINT', () => process.exit(130));
  const closed = new Promise<never>((_resolve, reject) => line.once('close', () => reject(new Error('the input ended'))));
  try {
    return await Promise.race([talk(line), closed]);
  } finally {
    closed.catch(() => {});
    line.close();
  }
}
