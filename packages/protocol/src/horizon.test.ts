import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHorizon, parseHorizon } from './horizon.ts';

describe("Horizon's JSON", () => {
  const good: [string, unknown][] = [
    ['{"namespace":"movement","event":"move","data":{"x":1}}', { namespace: 'movement', event: 'move', data: { x: 1 } }],
    ['{"event":"e","namespace":"n"}', { namespace: 'n', event: 'e', data: undefined }],
    ['{"namespace":"n","event":"e","data":null,"more":1}', { namespace: 'n', event: 'e', data: null }],
  ];
  test.each(good)('%s is an event', (text, event) => expect(parseHorizon(text)).toEqual(event));

  const bad = [
    '',
    'null',
    '1',
    '[]',
    '"text"',
    '{',
    '{}',
    '{"namespace":"n"}',
    '{"namespace":1,"event":"e"}',
    '{"namespace":"","event":"e"}',
    '{"namespace":"n","event":""}',
    `{"namespace":"${'n'.repeat(129)}","event":"e"}`,
    '{"__proto__":{"namespace":"n","event":"e"}}',
  ];
  test.each(bad)('%s is not', (text) => expect(parseHorizon(text)).toBeUndefined());

  test('any text is taken without a throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseHorizon(text)));
    fc.assert(fc.property(fc.jsonValue(), (value) => void parseHorizon(JSON.stringify(value))));
  });

  test('what is formatted is parsed to the same', () => {
    const word = fc.stringMatching(/^[\w-]{1,20}$/);
    fc.assert(
      fc.property(word, word, fc.jsonValue(), (namespace, event, value) => {
        const data = JSON.parse(JSON.stringify(value));
        expect(parseHorizon(formatHorizon(`${namespace}/${event}`, data))).toEqual({ namespace, event, data });
      }),
    );
  });
});
