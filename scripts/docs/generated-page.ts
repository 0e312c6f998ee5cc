/** What a generator of a page under docs/reference is: `scripts/docs.ts` lists them, writes them and holds them current. */

export interface GeneratedPage {
  /** Path from the root of the repository: `docs/reference/errors.md`. */
  readonly file: string;
  /** What it is made from, for the line that tells readers not to mend the page by hand. */
  readonly source: string;
  /** The whole page. The same input gives the same text: no dates, no figures of this machine. */
  text(): string | Promise<string>;
}

/** The sentence that each generated page has in its first paragraph. */
export function madeFrom(source: string): string {
  return `Generated from \`${source}\` by \`npm run docs\`.`;
}

/** A Markdown table. Bars and line ends inside a cell would break it, so they are written in another way. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Text as code, whatever it holds. Empty stays empty. */
export function code(text: string): string {
  if (text === '') return '';
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
