import { expect, test } from 'vitest';
import { importsOf, rewrite } from './rewrite.ts';
import { carriedBy, outsideDependencies, published, readWorkspaces, sourceOf } from './workspace.ts';

const modules: Record<string, string> = {
  '@horizon-atlas/base': 'base/src/index.ts',
  '@horizon-atlas/sdk-client/node': 'sdk-client/src/node.ts',
};

function check(path: string, text: string, expected: string): void {
  expect(rewrite({ path, text }, (specifier) => modules[specifier])).toBe(expected);
}

test('imports of our packages become paths, others stay', () => {
  check('cli/src/main.js', "import { a } from '@horizon-atlas/base';", "import { a } from '../../base/src/index.js';");
  check('cli/src/core/x.js', 'export * from "@horizon-atlas/base";', 'export * from "../../../base/src/index.js";');
  check('base/src/x.js', "import '@horizon-atlas/base';", "import './index.js';");
  check('cli/src/x.js', "await import('@horizon-atlas/sdk-client/node')", "await import('../../sdk-client/src/node.js')");
  check('cli/src/x.js', "import z from 'zod'; import 'node:fs';", "import z from 'zod'; import 'node:fs';");
});

test('declarations and programs get the endings of compiled code', () => {
  check('a/src/x.d.ts', "export type T = import('./y.ts').T;", "export type T = import('./y.js').T;");
  check('a/bin/a.mjs', "await import('../src/main.ts');", "await import('../src/main.js');");
  check('a/src/x.js', "new URL('./gateway-main.ts', import.meta.url)", "new URL('./gateway-main.js', import.meta.url)");
});

test('texts that merely look like imports are left alone', () => {
  const text =
    "const example = \"import { a } from '@horizon-atlas/base'\"; // import '@horizon-atlas/base'\nsay('./region.ts');";
  check('a/src/x.js', text, text);
  expect(importsOf(text)).toEqual([]);
});

test('what is published carries everything of ours that it stands on, and agrees with itself about the rest', () => {
  const all = readWorkspaces();
  const names = published(all).map(({ manifest }) => manifest.name);
  expect(names).toContain('horizon-atlas');
  for (const workspace of published(all)) {
    const carried = carriedBy(workspace, all);
    expect(carried[0]).toBe(workspace);
    expect(new Set(carried).size).toBe(carried.length);
    const outside = outsideDependencies(carried, 'dependencies', all);
    expect(Object.keys(outside).filter((name) => all.has(name))).toEqual([]);
    // Exact versions: what we tried is what users get.
    for (const version of Object.values(outside)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

test('what is imported from a package must be exported by it', () => {
  const all = readWorkspaces();
  expect(sourceOf('@horizon-atlas/sdk-client/node', all)).toBe('sdk-client/src/node.ts');
  expect(sourceOf('zod', all)).toBeUndefined();
  expect(() => sourceOf('@horizon-atlas/base/secret', all)).toThrow('@horizon-atlas/base exports no "./secret"');
});
