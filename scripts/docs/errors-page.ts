/** docs/reference/errors.md: every code that Atlas answers with. */
import { type ErrorEntry, errors } from '../../packages/protocol/src/errors.ts';
import { code, type GeneratedPage, madeFrom, table } from './generated-page.ts';

const source = 'packages/protocol/src/errors.ts';

export const errorsPage: GeneratedPage = {
  file: 'docs/reference/errors.md',
  source,
  text() {
    const rows = Object.entries(errors as Record<string, ErrorEntry>).map(([name, { text, close, retry }]) => [
      code(name),
      close === undefined ? '' : String(close),
      retry ? 'yes' : 'no',
      text,
    ]);
    return `# Error codes

Every refusal of Atlas carries one of these codes. *Close* is the WebSocket close code that a client sees with it; *retry* says whether
trying again unchanged may succeed. ${madeFrom(source)}

${table(['Code', 'Close', 'Retry', 'Meaning'], rows)}
`;
  },
};
