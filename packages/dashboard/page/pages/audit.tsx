/** The append-only log of connections, refusals and what operators did. */
import type { AuditEntry } from '@horizon-atlas/sdk-admin';
import { useState } from 'preact/hooks';
import { clock, date, shown, whole } from '../format.ts';
import { Empty, Head, Waiting } from '../parts/bits.tsx';
import { Filters, Search } from '../parts/filters.tsx';
import { Cell, LongList } from '../parts/long-list.tsx';
import { allOf, useAsked } from '../parts/use-list.ts';
import { admin } from '../store/atlas.ts';

export function AuditPage() {
  const [text, setText] = useState('');
  const [asked] = useAsked(() => allOf((query) => admin.audit(query)), 5000);
  const wanted = text.trim().toLowerCase();
  const all = asked.state === 'here' ? [...asked.value].sort((a, b) => b.seq - a.seq) : [];
  const rows = all.filter(
    (entry) =>
      wanted === '' ||
      [entry.kind, entry.actor, entry.subject, entry.code, entry.address].some((each) => each.toLowerCase().includes(wanted)),
  );
  return (
    <div class="page tall">
      <Head title="Audit" aside={asked.state === 'here' && `${whole(all.length)} entries, each chained to the one before`}>
        <Filters>
          <Search placeholder="Kind, actor, subject or code" label="Filter entries" value={text} set={setText} />
        </Filters>
      </Head>
      {asked.state === 'waiting' && <Waiting label="The audit log is on its way" rows={10} />}
      {asked.state === 'refused' && (
        <Empty icon="warn" title={asked.error.message}>
          <code>{asked.error.code}</code>
        </Empty>
      )}
      {asked.state === 'here' && rows.length === 0 && (
        <Empty icon="audit" title={all.length === 0 ? 'Nothing was noted yet' : 'No entry matches'} />
      )}
      {rows.length > 0 && (
        <LongList
          label="Audit log"
          class="audit"
          rows={rows}
          keyOf={(row) => String(row.seq)}
          rowHeight={36}
          columns={['No.', 'Time', 'Kind', 'Who', 'Subject', 'Code', 'Hash']}
          rowClass={(row) => (row.code ? 'bad' : '')}
        >
          {(row) => <Row entry={row} />}
        </LongList>
      )}
    </div>
  );
}

function Row({ entry }: { entry: AuditEntry }) {
  return (
    <>
      <Cell figure class="quiet wide">
        {entry.seq}
      </Cell>
      <Cell>
        <time title={date(entry.atMs)}>{clock(entry.atMs)}</time>
      </Cell>
      <Cell class="lead">{entry.kind}</Cell>
      <Cell class="audit-actor">
        <bdi>{shown(entry.actor, '–')}</bdi>
      </Cell>
      <Cell class="wide">
        <bdi>{shown(entry.subject, '–')}</bdi>
      </Cell>
      <Cell class="wide">{entry.code && <code>{entry.code}</code>}</Cell>
      <Cell class="wide quiet">
        <code title={entry.hash}>{entry.hash.slice(0, 10)}</code>
      </Cell>
    </>
  );
}
