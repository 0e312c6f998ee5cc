import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { type OutputFormat, render, renderLine } from './output.ts';

const value = { items: [{ name: 'a\u001b[2J\u009b\u202eb', n: null }], total: 1 };
const check = (format: OutputFormat, expected: string) => expect(render(format, value, () => ['a', 'b'])).toBe(expected);

it('a table is its lines', () => check('table', 'a\nb'));
it('JSON is whole, and harmless to a terminal', () => {
  check(
    'json',
    '{\n  "items": [\n    {\n      "name": "a\\u001b[2J\\u009b\\u202eb",\n      "n": null\n    }\n  ],\n  "total": 1\n}',
  );
  expect(JSON.parse(render('json', value, () => []))).toEqual(value);
});
it('YAML is whole, and harmless to a terminal', () => {
  const text = render('yaml', value, () => []);
  expect(parse(text)).toEqual(value);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
});
it('a stream is a value a line', () => {
  expect(renderLine('json', value, () => '')).toBe('{"items":[{"name":"a\\u001b[2J\\u009b\\u202eb","n":null}],"total":1}');
  expect(renderLine('table', value, () => 'x')).toBe('x');
  expect(parse(renderLine('yaml', { a: 1 }, () => ''))).toEqual({ a: 1 });
});
it('nothing is null', () => expect(render('json', undefined, () => [])).toBe('null'));
