/** Writes the generated pages of docs/reference: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorEntry, errors } from '../packages/protocol/src/errors.ts';

const rows = Object.entries(errors as Record<string, ErrorEntry>).map(
  ([code, { text, close, retry }]) => `| \`${code}\` | ${close ?? ''} | ${retry ? 'yes' : 'no'} | ${text} |`,
);
const page = `# Error codes

Every refusal of Atlas carries one of these codes. *Close* is the WebSocket close code that a client sees with it; *retry* says whether
trying again unchanged may succeed. Generated from \`packages/protocol/src/errors.ts\` by \`npm run docs\`.

| Code | Close | Retry | Meaning |
|---|---|---|---|
${rows.join('\n')}
`;
writeFileSync(join(import.meta.dirname, '../docs/reference/errors.md'), page);
console.log('docs/reference/errors.md written');
