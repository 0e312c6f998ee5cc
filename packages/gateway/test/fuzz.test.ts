import { kind } from '@horizon-atlas/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Story } from './story.ts';

const small = fc.uint8Array({ maxLength: 40 });
const withFirst = (...kinds: number[]): fc.Arbitrary<Uint8Array> =>
  fc.tuple(fc.constantFrom(...kinds), small).map(([first, rest]) => new Uint8Array([first, ...rest]));

test('no bytes of a client make the engine throw, whatever state it is in', () => {
  const bytes = fc.oneof(
    small,
    withFirst(kind.hello, kind.command, kind.latestUp, kind.ack, kind.ping, kind.bye),
    fc.uint8Array({ maxLength: 20_000 }),
  );
  const stages = fc.constantFrom('greeting', 'verifying', 'joining', 'playing', 'horizon');
  fc.assert(
    fc.property(stages, fc.array(bytes, { maxLength: 8 }), (stage, all) => {
      const g = new Story();
      g.ready('a');
      if (stage === 'playing') g.play(1);
      else g.open(1, stage === 'horizon' ? 'horizon' : 'atlas');
      if (stage === 'verifying' || stage === 'joining') g.hello(1);
      if (stage === 'joining') g.verify(1);
      for (const each of all) g.raw(1, each);
      g.wait(1000);
      g.engine.closed(1, g.nowMs);
      expect(g.engine.connections).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('no bytes of a server make the engine throw, or reach a client in a shape that it cannot read', () => {
  const bytes = fc.oneof(small, withFirst(0x00, 0x20, 0x21, 0x22, 0x23));
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), fc.boolean(), (all, aimed) => {
      const g = new Story();
      g.ready('a');
      const { handle } = g.play(1);
      for (const each of all) {
        // Half of the runs name a handle that exists, where frames have one.
        if (aimed && each.length >= 7 && each[0] !== 0)
          new DataView(each.buffer).setUint32(each[0] === 0x22 || each[0] === 0x23 ? 3 : 1, handle, true);
        g.engine.fromServer('a', each, g.nowMs);
      }
      g.wait(3000);
    }),
    { numRuns: 500 },
  );
});

/** What may happen to a session; the test plays the servers' part by the book. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant('command' as const) },
  { weight: 2, arbitrary: fc.constant('switch' as const) },
  { weight: 1, arbitrary: fc.constant('die' as const) },
  { weight: 2, arbitrary: fc.constant('cover' as const) },
  { weight: 1, arbitrary: fc.constant('reconnect' as const) },
  { weight: 1, arbitrary: fc.constant('link' as const) },
);

test('commands take effect exactly once and in order, whatever happens to owners, links and sockets', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const g = new Story();
      g.ready('a', 'b');
      let conn = 1;
      let { session, handle, resume } = g.play(conn);
      let owner = 'a';
      let epoch = 1;
      let generation = 1;
      let sent = 0;
      /** The owner's state, and what of it would survive its death. */
      let applied = 0;
      let covered = 0;
      const apply = (): void => {
        for (const seq of g.commandsAt(owner)) {
          if (seq <= applied) continue;
          expect(seq).toBe(applied + 1);
          applied = seq;
        }
      };
      const attach = (): void => {
        handle = g.attachAt(owner).handle;
        const resumed = true;
        g.attached(owner, handle, session, { applied, covered, resumed, generation });
        apply();
      };
      for (const each of steps) {
        switch (each) {
          case 'command':
            g.command(conn, ++sent);
            apply();
            break;
          case 'switch':
            owner = owner === 'a' ? 'b' : 'a';
            covered = applied;
            g.route(session, owner, ++epoch, applied, 'r1');
            g.command(conn, ++sent);
            attach();
            break;
          case 'die':
            applied = covered;
            g.control({ kind: 'regionRoute', region: 'r1', server: '', epoch: ++epoch });
            g.command(conn, ++sent);
            g.control({ kind: 'regionRoute', region: 'r1', server: owner, epoch });
            attach();
            break;
          case 'cover':
            covered = applied;
            g.acks(owner, handle, applied, covered);
            break;
          case 'reconnect': {
            g.engine.closed(conn++, g.nowMs);
            generation++;
            g.open(conn);
            g.hello(conn, { resume });
            attach();
            const welcome = g.heardByClient(conn).find((frame) => typeof frame === 'object' && frame.kind === 'welcome');
            if (typeof welcome === 'object' && welcome.kind === 'welcome') resume = welcome.resume;
            // The client sends again whatever is not covered.
            for (let seq = covered + 1; seq <= sent; seq++) g.command(conn, seq);
            apply();
            break;
          }
          case 'link':
            g.engine.serverDown(owner, g.nowMs);
            g.command(conn, ++sent);
            g.wait(2000);
            g.engine.serverUp(owner, g.nowMs);
            attach();
            break;
        }
        expect(applied).toBe(sent);
      }
      expect([...g.closed.values()]).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
