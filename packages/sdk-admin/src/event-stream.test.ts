import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type StreamEvent, StreamParser } from './event-stream.ts';

const parseStream = (bytes: Uint8Array): StreamEvent[] => new StreamParser().push(bytes);

function check(text: string, expected: readonly Partial<StreamEvent>[]): void {
  const events = parseStream(new TextEncoder().encode(text));
  expect(events).toHaveLength(expected.length);
  expect(events).toMatchObject(expected);
}

describe('an event stream', () => {
  it('reads a named event with its data', () => check('event: status\ndata: {}\n\n', [{ event: 'status', data: '{}' }]));
  it('keeps the last id until there is another', () =>
    check('id: 7\ndata: a\n\ndata: b\n\n', [
      { id: '7', data: 'a' },
      { id: '7', data: 'b' },
    ]));
  it('joins lines of data, and takes one space off', () => check('data:  a\ndata:b\n\n', [{ data: ' a\nb' }]));
  it('passes over comments, unknown fields and events without data', () =>
    check(': beat\n\nevent: x\n\nwhat: 1\ndata: y\n\n', [{ event: 'message', data: 'y' }]));
  it('takes every kind of line end', () =>
    check('data: a\r\n\r\ndata: b\r\rdata: c\n\n', [{ data: 'a' }, { data: 'b' }, { data: 'c' }]));
  it('says nothing about an event that is not complete', () => check('data: a\n', []));
  it('hears the wished wait', () => {
    const parser = new StreamParser();
    parser.push(new TextEncoder().encode('retry: 900\nretry: x\n'));
    expect(parser.retryMs).toBe(900);
  });

  it('is the same however the network cuts it', () => {
    const line = fc.constantFrom('data: ä€𝄞', 'id: 3', 'event: e', ': c', '', '', 'data');
    const end = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end), { maxLength: 30 }), fc.array(fc.nat(40), { maxLength: 40 }), (lines, cuts) => {
        const bytes = new TextEncoder().encode(lines.flat().join(''));
        const parser = new StreamParser();
        const events: StreamEvent[] = [];
        let at = 0;
        for (const cut of cuts) {
          events.push(...parser.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        events.push(...parser.push(bytes.subarray(at)));
        expect(events).toEqual(parseStream(bytes));
      }),
    );
  });
});
