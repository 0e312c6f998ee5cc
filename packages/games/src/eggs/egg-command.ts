/** An egg's start command, which a shell reads, as arguments without one where that is possible. */
import type { GameInput } from '../core/definition-schema.ts';

/** What Pterodactyl gives besides variables, and what that is here. */
const given: Readonly<Record<string, string>> = { SERVER_PORT: '{{port.game}}', SERVER_IP: '{{host}}', SERVER_MEMORY: '1024' };

export function commandOf(
  startup: string,
  variables: readonly string[],
  notes: string[],
): { readonly argv: GameInput['argv']; readonly env: Record<string, string> } {
  const env: Record<string, string> = {};
  const unknown = new Set<string>();
  const placed = startup.replace(
    /\{\{\s*(?:server\.build\.[\w.]+|(?:env\.)?([A-Za-z_]\w*))\s*\}\}|\$\{([A-Za-z_]\w*)\}/g,
    (whole, a, b) => {
      const name = (a ?? b) as string | undefined;
      if (name === undefined) return whole;
      if (given[name] !== undefined) {
        if (name === 'SERVER_MEMORY') notes.push('SERVER_MEMORY is a panel’s limit: 1024 MB is assumed');
        return given[name];
      }
      if (variables.includes(name)) return `{{${name}}}`;
      unknown.add(name);
      return '';
    },
  );
  for (const name of unknown) notes.push(`the start command uses ${name}, which the egg does not define: it is left empty`);
  const words = wordsOf(placed);
  if (words) {
    const [program = '', ...args] = words;
    return { argv: [inFolder(program), ...args], env };
  }
  notes.push(
    'its start command is a line of shell, and is run by bash as the egg wants it: values of variables are words of that shell',
  );
  // By name, so that the shell quotes as it would have.
  const line = startup
    .replace(/\{\{\s*(?:env\.)?([A-Za-z_]\w*)\s*\}\}/g, (_, name: string) => `\${${name}}`)
    .replace(/\{\{[^}]*\}\}/g, '');
  return { argv: ['bash', '-c', line], env: { SERVER_PORT: '{{port.game}}', SERVER_IP: '{{host}}', SERVER_MEMORY: '1024' } };
}

/** A program beside what the server saves. */
function inFolder(program: string): string {
  return program.startsWith('./') ? `{{dir}}/${program.slice(2)}` : program;
}

/** Words of a command line with quotes; undefined where it needs a shell. */
function wordsOf(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  const plain = line.replace(/\{\{[^}]*\}\}/g, (placeholder) => placeholder.replace(/[{}]/g, 'x'));
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (quote === "'") {
      if (char === "'") quote = '';
      else word += char;
    } else if (quote === '"') {
      if (char === '"') quote = '';
      else if (char === '$' || char === '`') return undefined;
      else if (char === '\\' && i + 1 < line.length) word += line[++i] ?? '';
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (char === '\\' && i + 1 < line.length) word = (word ?? '') + (line[++i] ?? '');
    else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[$`|&;<>()*?[\]#~!]/.test(plain[i] as string)) return undefined;
    else word = (word ?? '') + char;
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  // `NAME=value program`: a shell sets it for the program.
  return words.length > 0 && !/^[A-Za-z_]\w*=/.test(words[0] ?? '') ? words : undefined;
}
