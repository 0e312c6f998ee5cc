/** An environment as people type it: NAME=value, a line each. */

/** undefined: a line is none. */
export function environmentOf(lines: string): Record<string, string> | undefined {
  const env: Record<string, string> = {};
  for (const line of lines.split('\n')) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    const name = line.slice(0, at).trim();
    if (at < 1 || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return undefined;
    env[name] = line.slice(at + 1);
  }
  return env;
}
