/** `{{name}}` in arguments, files and the environment of a game definition. */

const placeholder = /\{\{\s*([a-zA-Z][\w./@-]*)\s*\}\}/g;

/** The names that a text asks for. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, name = '']) => name);
}

/** @param values every name that the text asks for; what is not among them stays as it stands */
export function filled(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(placeholder, (whole, name: string) => values.get(name) ?? whole);
}
