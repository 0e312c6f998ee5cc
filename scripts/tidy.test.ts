import { expect, test } from 'vitest';
import { complaints, errorDocs } from './tidy.ts';

/** Each rule of the house is shown to bite: a file that breaks it is complained about, and the mended one is not. */
function check(path: string, text: string, complaint: RegExp | undefined): void {
  const found = complaints([{ path, text: text.startsWith('/**') ? text : `/** Why. */\n${text}` }]);
  if (complaint === undefined) expect(found).toEqual([]);
  else expect(found.join('\n')).toMatch(complaint);
}

test('a core is told the time and waits for nothing', () => {
  check('packages/regions/src/core/x.ts', 'const t = Date.now();', /says Date\.now/);
  check('packages/world/src/x.ts', 'async function f() {}', /says async/);
  check('packages/regions/src/core/x.ts', '// Date.now() would be wrong here\nconst s = "await";', undefined);
  check('packages/regions/src/service.ts', 'const t = Date.now();', undefined);
});

test('arrows point down, and capabilities are strangers', () => {
  check('packages/regions/src/x.ts', "import { a } from '@horizon-atlas/fleet';", /not below regions/);
  check('packages/world/src/x.ts', "import { a } from '@horizon-atlas/ports';", /not below world/);
  check('packages/adapter-sqlite/src/x.ts', "import { a } from '@horizon-atlas/adapter-memory';", /not below adapter-sqlite/);
  check('packages/regions/src/x.ts', "import { a } from '@horizon-atlas/world';", undefined);
  check('packages/regions/src/x.ts', "import { a } from '../../fleet/src/x.ts';", /by their name/);
  check('packages/regions/src/core/x.ts', "import { a } from '../service.ts';", /does not know its shell/);
  check('packages/unheard-of/src/x.ts', '', /no layer/);
});

test('every import is declared', () => {
  check('packages/base/src/x.ts', "import z from 'zod';", /does not declare/);
});

test('files and functions stay small, and are named after what they hold', () => {
  check('packages/base/src/x.ts', 'const a = 1;\n'.repeat(501), /502 lines/);
  check('packages/base/src/x.ts', `function f() {\n${'  g();\n'.repeat(70)}}\n`, /function of 72 lines/);
  check('packages/base/src/utils.ts', '', /after what it holds/);
  check('packages/base/src/CamelCase.ts', '', /kebab-case/);
});

test('no test is left out', () => {
  check('packages/base/src/x.test.ts', `test.${'only'}("x", () => {});`, /leaves tests out/);
});

test('the documented error codes are the existing ones', () => {
  expect(errorDocs('| `NO_SUCH_CODE` | x |').join('\n')).toMatch(/lacks PROTOCOL_ERROR[\s\S]*names NO_SUCH_CODE/);
});
