import { hostTurn, memoryLinks } from '@horizon-atlas/adapter-memory';
import type { Link, LinkCloseReason } from '@horizon-atlas/ports';
import { ControlToGateway, GatewayToControl, LINK_PROTOCOL } from '@horizon-atlas/protocol';
import { noProbe } from '@horizon-atlas/runtime';
import { describe, expect, it } from 'vitest';
import { makeHub } from './hub.ts';

type Hello = Extract<GatewayToControl, { kind: 'hello' }>;
const hello = (gateway: string, changes: Partial<Hello> = {}): Hello => ({
  kind: 'hello',
  gateway,
  version: LINK_PROTOCOL,
  pid: 1,
  url: 'wss://a',
  sessions: [],
  ...changes,
});

/** Messages travel a turn of the loop a hop; this lets everything arrive. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => hostTurn(resolve));
}

async function story() {
  const links = memoryLinks();
  const heard: string[] = [];
  const hub = await makeHub(
    { links, address: 'unix:/hub', probe: noProbe },
    {
      what: 'gateway',
      incoming: GatewayToControl,
      outgoing: ControlToGateway,
      identify: (message) => (message.kind === 'hello' ? { id: message.gateway, version: message.version } : undefined),
      heard: (id, message) => heard.push(`${id} ${message.kind}`),
      lost: (id) => heard.push(`${id} lost`),
    },
  );
  const dial = async (...messages: (GatewayToControl | Uint8Array)[]) => {
    const link = await links.dial('unix:/hub');
    const end = { link, got: [] as string[], closed: undefined as LinkCloseReason | undefined };
    link.onFrame((frame) => end.got.push(ControlToGateway.decode(frame)?.kind ?? 'malformed'));
    link.onClose((reason) => {
      end.closed = reason;
    });
    for (const message of messages) say(link, message);
    await settle();
    return end;
  };
  return { hub, heard, dial };
}

function say(link: Link, message: GatewayToControl | Uint8Array): void {
  link.send(message instanceof Uint8Array ? message : GatewayToControl.encode(message));
}

describe('the hub', () => {
  it('knows who is there and reaches them', async () => {
    const { hub, heard, dial } = await story();
    const one = await dial(hello('one'), { kind: 'drained' });
    const two = await dial(hello('two'));
    expect(heard).toEqual(['one hello', 'one drained', 'two hello']);
    expect(hub.ids).toEqual(['one', 'two']);
    expect(hub.send('one', { kind: 'drain', deadlineMs: 5 })).toBe(true);
    expect(hub.send('three', { kind: 'drain', deadlineMs: 5 })).toBe(false);
    hub.sendAll({ kind: 'gone', session: 's', code: '' });
    await settle();
    expect([one.got, two.got]).toEqual([['drain', 'gone'], ['gone']]);
  });

  it('tells when one is gone', async () => {
    const { hub, heard, dial } = await story();
    const one = await dial(hello('one'));
    one.link.close({ code: 'LINK_LOST', message: '' });
    await settle();
    expect(heard).toEqual(['one hello', 'one lost']);
    expect(hub.ids).toEqual([]);
  });

  it('takes the newer of two links, and says nothing of a loss', async () => {
    const { hub, heard, dial } = await story();
    const old = await dial(hello('one'));
    const young = await dial(hello('one'));
    say(old.link, { kind: 'drained' });
    hub.sendAll({ kind: 'drain', deadlineMs: 5 });
    await settle();
    expect(old.closed?.code).toBe('LINK_LOST');
    expect(young.got).toEqual(['drain']);
    expect(heard).toEqual(['one hello', 'one hello']);
  });

  it.each([
    ['begins with something else than hello', [{ kind: 'drained' } as const], 'LINK_FRAME_INVALID'],
    ['sends garbage', [new Uint8Array([99, 1, 2])], 'LINK_FRAME_INVALID'],
    ['sends garbage later', [hello('one'), new Uint8Array(0)], 'LINK_FRAME_INVALID'],
    ['is of another release', [hello('one', { version: LINK_PROTOCOL + 1 })], 'LINK_VERSION'],
    ['becomes somebody else', [hello('one'), hello('two')], 'LINK_FRAME_INVALID'],
  ])('refuses one that %s', async (_what, messages, code) => {
    const { dial } = await story();
    const peer = await dial(...messages);
    expect(peer.closed?.code).toBe(code);
  });

  it('tells all of them when the control plane ends, and nobody of a loss', async () => {
    const { hub, heard, dial } = await story();
    const one = await dial(hello('one'));
    await hub.close();
    await settle();
    expect(one.closed?.code).toBe('LINK_LOST');
    expect(heard).toEqual(['one hello']);
  });
});
