import { describe, expect, test } from 'vitest';
import { Arrivals, Departures } from './rounds.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text);

describe('arrivals', () => {
  test('are handed out in their order, each once, and only when asked for', () => {
    const heard: string[] = [];
    const begun: number[] = [];
    const arrivals = new Arrivals(() => begun.push(heard.length));
    const to = (name: string) => ({ received: (bytes: Buffer) => heard.push(`${name} ${bytes}`) });
    const [a, b] = [to('a'), to('b')];
    arrivals.add(a, bytesOf('1'));
    arrivals.add(b, bytesOf('2'));
    arrivals.add(a, bytesOf('3'));
    expect(heard).toEqual([]);
    arrivals.hand();
    arrivals.hand();
    expect(heard).toEqual(['a 1', 'b 2', 'a 3']);
    arrivals.add(b, bytesOf('4'));
    expect(begun).toEqual([0, 3]);
    arrivals.hand();
    expect(heard).toEqual(['a 1', 'b 2', 'a 3', 'b 4']);
  });

  test('of a flood do not pile up', () => {
    let heard = 0;
    const arrivals = new Arrivals(() => {});
    const receiver = {
      received: (bytes: Buffer) => {
        heard += bytes.length;
      },
    };
    for (let i = 1; i <= 64; i++) {
      arrivals.add(receiver, Buffer.alloc(16 * 1024));
      expect(i * 16 * 1024 - heard).toBeLessThanOrEqual(256 * 1024);
    }
  });

  test('asked for while they are handed out come once all the same, and what throws costs nobody else', () => {
    const heard: string[] = [];
    let begun = 0;
    const arrivals = new Arrivals(() => begun++);
    const receiver = {
      received(bytes: Buffer) {
        heard.push(String(bytes));
        arrivals.hand();
        if (String(bytes) === 'bad') throw new Error('a bug');
      },
    };
    for (const text of ['x', 'bad', 'y']) arrivals.add(receiver, bytesOf(text));
    expect(() => arrivals.hand()).toThrow('a bug');
    expect(begun).toBe(2);
    arrivals.add(receiver, bytesOf('z'));
    arrivals.hand();
    expect(heard).toEqual(['x', 'bad', 'y', 'z']);
  });
});

describe('departures', () => {
  test('are all written before anybody hears of it, and may lead to a next round', () => {
    const order: string[] = [];
    const departures = new Departures();
    const add = (name: string, taken: number, then = () => {}): void => {
      const target = {
        write(_: Uint8Array, offset: number, length: number) {
          order.push(`write ${name} ${offset} ${length}`);
          return taken;
        },
      };
      const wrote = (_: Buffer, bytes: number, got: number): void => {
        order.push(`wrote ${name} ${got} of ${bytes}`);
        then();
      };
      departures.add({ wrote }, target, bytesOf(name), name.length);
    };
    departures.go();
    add('one', 3, () => {
      add('three', 5, () => add('five', 4));
      departures.go();
    });
    add('two', -1, () => add('four', 0));
    departures.go();
    expect(order.splice(0)).toEqual([
      'write one 0 3',
      'write two 0 3',
      'wrote one 3 of 3',
      'write three 0 5',
      'wrote three 5 of 5',
      'wrote two -1 of 3',
    ]);
    departures.go();
    expect(order.splice(0).sort()).toEqual(['write five 0 4', 'write four 0 4', 'wrote five 4 of 4', 'wrote four 0 of 4']);
    departures.go();
    expect(order).toEqual([]);
  });
});
