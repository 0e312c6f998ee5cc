/** What every Store adapter promises to those who watch it. */

import type { Store, WatchEvent } from '@horizon-atlas/ports';
import { expect, it } from 'vitest';
import { Inbox, turns } from './await.ts';
import type { StoreSubject } from './store-contract.ts';
import { changed, del, put, revisionOf, snapshot, text, watching } from './store-story.ts';

export function watchTests(store: () => Store, subject: StoreSubject): void {
  deliveryTests(store);
  watcherTests(store);
  historyTests(store, subject);
}

function deliveryTests(store: () => Store): void {
  it('tells every later change below the prefix, in order, once', async () => {
    const { revision } = await store().list('');
    const heard = watch(store(), 'server/', revision);
    for (let i = 0; i < 20; i++) await store().transact([put(`server/${i % 3}`, String(i)), put(`other/${i}`, 'x')]);
    await store().transact([del('server/0')]);
    await changed(store(), 'end');
    expect(changesOf(heard).map((c) => `${c.key}=${c.text}`)).toEqual([
      ...Array.from({ length: 20 }, (_, i) => `server/${i % 3}=${i}`),
      'server/0=deleted',
    ]);
  });

  it('gives each change the version of its record', async () => {
    const heard = watch(store(), '', (await store().list('')).revision);
    const first = await revisionOf(store().transact([put('a', '1'), put('b', '1')]));
    const second = await revisionOf(store().transact([del('a')]));
    await changed(store(), 'end');
    expect(
      changesOf(heard)
        .slice(0, 3)
        .map((c) => [c.key, c.version]),
    ).toEqual([
      ['a', first],
      ['b', first],
      ['a', second],
    ]);
  });

  it('keeps a transaction in one batch', async () => {
    const heard = watch(store(), '', (await store().list('')).revision);
    await Promise.all(Array.from({ length: 10 }, (_, i) => store().transact([put('pair/a', `${i}`), put('pair/b', `${i}`)])));
    await changed(store(), 'end');
    const state: Record<string, string> = {};
    for (const event of heard.items) {
      if (event.kind !== 'changes') continue;
      for (const change of event.changes) state[change.key] = text(change.value);
      expect(state['pair/a']).toBe(state['pair/b']);
    }
    expect(state['pair/a']).toBe('9');
  });

  it('tells nothing of what did not happen: conflicts, refusals, deletes of nothing', async () => {
    const { revision } = await store().list('');
    const heard = watch(store(), '', revision);
    await store().transact([put('a', '1')], [{ key: 'a', version: 77 }]);
    await store().transact([put('', '1')]);
    await store().transact([del('nobody')]);
    await store().transact([put('a', '1'), put('a', '2')]);
    await changed(store(), 'end');
    expect(changesOf(heard).map((c) => `${c.key}=${c.text}`)).toEqual(['a=2', 'end=changed']);
  });
}

function watcherTests(store: () => Store): void {
  it('calls on a later turn, and never after the cancel', async () => {
    await store().transact([put('a', '1')]);
    let setting = true;
    const during = new Inbox<boolean>();
    const stopFirst = store().watch('a', 0, () => during.add(setting));
    setting = false;
    expect(await during.atLeast(1, 'the change')).toEqual([false]);
    const heard = new Inbox<WatchEvent>();
    const stop = store().watch('a', 0, (event) => heard.add(event));
    stop();
    stop();
    await changed(store(), 'a');
    stopFirst();
    expect(heard.items).toEqual([]);
  });

  it('lets a watcher cancel itself, and another, from within the call', async () => {
    const heard: string[] = [];
    const { revision } = await store().list('');
    const stopOne = store().watch('a', revision, () => {
      heard.push('one');
      stopOne();
      stopTwo();
    });
    const stopTwo = store().watch('a', revision, () => heard.push('two'));
    await store().transact([put('a', '1')]);
    await store().transact([put('a', '2')]);
    await changed(store(), 'end');
    expect(heard).toEqual(['one']);
  });

  it('copies the values for each watcher', async () => {
    const { revision } = await store().list('');
    store().watch('a', revision, (event) => {
      if (event.kind === 'changes') for (const change of event.changes) change.value?.fill(0);
    });
    const heard = watch(store(), 'a', revision);
    await store().transact([put('a', 'kept')]);
    await changed(store(), 'end');
    expect(changesOf(heard).map((c) => c.text)).toEqual(['kept']);
    expect(await snapshot(store(), 'a')).toEqual({ a: 'kept' });
  });

  it('misses nothing between the list and the watch while others write', async () => {
    const writers = Promise.all(
      Array.from({ length: 4 }, async (_, w) => {
        for (let i = 0; i < 25; i++) {
          await store().transact(i % 5 === 4 ? [del(`w/${w}/${i - 1}`)] : [put(`w/${w}/${i}`, String(i))]);
          await turns(w);
        }
      }),
    );
    const readers = [];
    for (let i = 0; i < 8; i++) {
      readers.push(await watching(store(), 'w/'));
      await turns(3);
    }
    await writers;
    await changed(store(), 'end');
    const wanted = await snapshot(store(), 'w/');
    expect(Object.keys(wanted).length).toBe(60);
    for (const reader of readers) {
      expect(reader.state).toEqual(wanted);
      reader.stop();
    }
  });
}

function historyTests(store: () => Store, subject: StoreSubject): void {
  it('tells from an earlier revision what happened since', async () => {
    const first = await revisionOf(store().transact([put('a', '1')]));
    await store().transact([put('a', '2')]);
    await store().transact([put('b', '3'), del('a')]);
    const heard = watch(store(), '', first);
    await changed(store(), 'end');
    expect(changesOf(heard).map((c) => `${c.key}=${c.text}`)).toEqual(['a=2', 'b=3', 'a=deleted', 'end=changed']);
  });

  it("says 'too-old' once, and then nothing, where the history does not reach", async () => {
    const rig = await subject.make({ historyChanges: 10 });
    try {
      const first = await revisionOf(rig.store.transact([put('a', '0')]));
      for (let i = 1; i <= 30; i++) await rig.store.transact([put('a', String(i))]);
      const heard = watch(rig.store, 'a', first);
      const never = watch(rig.store, 'other', first);
      await changed(rig.store, 'a');
      await changed(rig.store, 'end');
      expect(heard.items).toEqual([{ kind: 'too-old' }]);
      expect(never.items).toEqual([{ kind: 'too-old' }]);
      const { revision } = await rig.store.list('');
      const fresh = watch(rig.store, '', revision);
      await changed(rig.store, 'end');
      expect(changesOf(fresh).map((c) => c.key)).toEqual(['end']);
    } finally {
      await rig.dispose();
    }
  });

  it('reaches back as far as it says, to the change', async () => {
    const rig = await subject.make({ historyChanges: 10 });
    try {
      const revisions: number[] = [];
      for (let i = 0; i < 30; i++) revisions.push(await revisionOf(rig.store.transact([put('a', String(i))])));
      const reaching = watch(rig.store, 'a', revisions[19] ?? -1);
      const short = watch(rig.store, 'a', revisions[18] ?? -1);
      await turns(5);
      await reaching.atLeast(1, 'the changes');
      await short.atLeast(1, "'too-old'");
      expect(changesOf(reaching).map((c) => c.text)).toEqual(Array.from({ length: 10 }, (_, i) => String(20 + i)));
      expect(short.items).toEqual([{ kind: 'too-old' }]);
    } finally {
      await rig.dispose();
    }
  });
}

function watch(store: Store, prefix: string, from: number): Inbox<WatchEvent> {
  const inbox = new Inbox<WatchEvent>();
  store.watch(prefix, from, (event) => inbox.add(event));
  return inbox;
}

function changesOf(heard: Inbox<WatchEvent>): { key: string; text: string; version: number }[] {
  return heard.items.flatMap((event) => {
    if (event.kind !== 'changes') throw new Error(`unexpected ${event.kind}`);
    return event.changes.map((c) => ({
      key: c.key,
      text: c.value === undefined ? 'deleted' : text(c.value),
      version: c.version,
    }));
  });
}
