/** What a command answers, in the form that was asked for. JSON and YAML are what the API gave, whole; tables are for people. */
import { createRequire } from 'node:module';

export const outputFormats = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** @param lines for people: asked only where the form is a table. Ends without a line end. */
export function render(format: OutputFormat, value: unknown, lines: () => readonly string[]): string {
  switch (format) {
    case 'json':
      return safeJson(value, 2);
    case 'yaml':
      return safeYaml(value);
    case 'table':
      return lines().join('\n');
  }
}

/** One value a line, for streams. */
export function renderLine(format: OutputFormat, value: unknown, line: () => string): string {
  if (format === 'json') return safeJson(value);
  return format === 'yaml' ? `---\n${render('yaml', value, () => [])}` : line();
}

/** JSON and YAML escaped the control characters below U+0020 themselves; those above, and what turns text round, are as dangerous. */
const dangerous = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value ?? null, null, indent).replace(dangerous, escaped);
}

function safeYaml(value: unknown): string {
  // Seventy modules, for those who ask for it.
  const { Document, visit } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  // No aliases: what comes twice is written twice, for those who read line by line.
  const document = new Document(value ?? null, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      // Only within double quotes are escapes heard.
      if (typeof node.value === 'string' && node.value.search(dangerous) >= 0) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 }).trimEnd().replace(dangerous, escaped);
}
