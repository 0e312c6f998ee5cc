/** Names: what npm takes for a package, and what a folder's name makes of it. */
import { builtinModules } from 'node:module';

const MAX_LETTERS = 214;

/** Why npm would refuse it; undefined: it would not. By the rules of npm's package.json documentation. */
export function nameTrouble(name: string): string | undefined {
  const [scope, bare = ''] = name.startsWith('@') ? name.slice(1).split(/\/(.*)/s) : [undefined, name];
  if (name === '') return 'a name has at least one letter';
  if (name.length > MAX_LETTERS) return `a name has at most ${MAX_LETTERS} letters`;
  if (name !== name.toLowerCase()) return 'a name has no capital letters';
  if (/^[._]/.test(bare)) return 'a name begins with neither a dot nor an underscore';
  if (scope === '' || bare === '') return 'a name with a scope is of the form @scope/name';
  for (const part of scope === undefined ? [bare] : [scope, bare]) {
    if (!/^[a-z0-9._~-]+$/.test(part)) return 'a name has only letters, digits, and - . _ ~';
  }
  if (bare === 'node_modules' || bare === 'favicon.ico') return `${bare} is a name that npm keeps for itself`;
  if (scope === undefined && builtinModules.includes(bare)) return `${bare} is a part of Node`;
  // It would depend on itself.
  if (name === 'horizon-atlas') return 'horizon-atlas is what the project stands on';
  return undefined;
}

/** A folder's name as a package's, or `my-world` if nothing of it can be kept. */
export function nameFor(folder: string): string {
  const name = folder
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9~-]+/g, '-')
    .replace(/^[-~]+|[-~]+$/g, '')
    .slice(0, MAX_LETTERS);
  return nameTrouble(name) === undefined ? name : 'my-world';
}

/** For people: `my-world` is `My world`. */
export function titleOf(name: string): string {
  const words = (name.split('/').pop() ?? name).replace(/[-._~]+/g, ' ').trim();
  return (words.charAt(0).toUpperCase() + words.slice(1)).slice(0, 64);
}
