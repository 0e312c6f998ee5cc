import { describe, expect, it } from 'vitest';
import { LineCutter, lineOf, logTextLimits } from './log-text.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (lines: { text: string }[]) => lines.map(({ text }) => text);

describe('the lines of a log', () => {
  it('are whole, however the bytes come', () => {
    const cutter = new LineCutter();
    const all = bytes('one\nträge\nth');
    expect(texts(cutter.push(all.subarray(0, 6)))).toEqual(['one']);
    // In the middle of the ä.
    expect(texts(cutter.push(all.subarray(6, 7)))).toEqual([]);
    expect(texts(cutter.push(all.subarray(7)))).toEqual(['träge']);
    expect(texts(cutter.push(bytes('ree\r\n')))).toEqual(['three']);
    expect(texts(cutter.push(bytes('last')))).toEqual([]);
    expect(texts(cutter.end())).toEqual(['last']);
  });

  it('that never end are cut, and what comes after them is not', () => {
    const cutter = new LineCutter();
    const long = 'x'.repeat(logTextLimits.lineChars);
    const [first, ...others] = cutter.push(bytes(`${long}yy`));
    expect([first?.text.endsWith('x…'), others.length]).toEqual([true, 0]);
    expect(cutter.push(bytes('zzz'))).toEqual([]);
    expect(texts(cutter.push(bytes('zzz\nnext\n')))).toEqual(['next']);
  });

  it.each([
    ['a colour', '\u001b[31mred\u001b[0m', 'red'],
    ['a title of the window', '\u001b]0;owned\u0007text', 'text'],
    ['a bell and a backspace', 'a\u0007\bb', 'a��b'],
    ['a turned writing direction', 'abc\u202edcba', 'abc�dcba'],
    ['a tab', 'a\tb', 'a\tb'],
    ['bytes that are no text', new TextDecoder().decode(new Uint8Array([0xff, 0xfe, 0x41])), '��A'],
  ])('%s', (_, raw, text) => expect(lineOf(raw).text).toBe(text));

  it('tell their time where they have one', () => {
    expect(lineOf('{"time":"2026-01-02T03:04:05.678Z","event":"x"}').atMs).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    expect(lineOf('{"level":30,"time":1767323045678,"msg":"x"}').atMs).toBe(1767323045678);
    expect(lineOf('{"time":"yesterday, about noon"}').atMs).toBeNull();
    expect(lineOf('just text').atMs).toBeNull();
  });
});
