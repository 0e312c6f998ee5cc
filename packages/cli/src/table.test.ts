import { describe, expect, it } from 'vitest';
import { noPaint, type Paint } from './paint.ts';
import { type Column, fields, table } from './table.ts';
import { widthOf } from './text-width.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly players: number | null;
}

const columns: Column<Row>[] = [
  { title: 'ID', rank: 0, min: 9, id: true, cell: ({ id }) => id },
  { title: 'NAME', rank: 1, min: 6, cell: ({ name }) => name },
  { title: 'PLAYERS', rank: 0, right: true, cell: ({ players }) => (players === null ? null : String(players)) },
];
const rows: Row[] = [
  { id: 'server_01JXABCDEFGHJKMNPQRSTVWXYZ', name: 'Ann', players: 12 },
  { id: 'spare', name: '王小明 the Great\u001b[2J', players: null },
];

const check = (width: number, expected: string) => expect(`\n${table(columns, rows, { width }).join('\n')}\n`).toBe(expected);

describe('a table', () => {
  it('into a pipe is whole', () =>
    check(
      Number.POSITIVE_INFINITY,
      `
ID                                 NAME                  PLAYERS
server_01JXABCDEFGHJKMNPQRSTVWXYZ  Ann                        12
spare                              王小明 the Great�[2J        –
`,
    ));

  it('squeezes what may be squeezed', () =>
    check(
      40,
      `
ID              NAME             PLAYERS
server_…TVWXYZ  Ann                   12
spare           王小明 the Gre…        –
`,
    ));

  it('drops what matters less', () =>
    check(
      22,
      `
ID             PLAYERS
server…TVWXYZ       12
spare                –
`,
    ));

  it('is never wider than the terminal', () => {
    for (let width = 16; width < 120; width++)
      for (const line of table(columns, rows, { width })) expect(widthOf(line), `${width}: ${line}`).toBeLessThanOrEqual(width);
  });

  it('has tones only around the text', () => {
    const paint: Paint = { ...noPaint, red: (text) => `<${text}>` };
    const toned = columns.map((column) => ({ ...column, tone: (row: Row, p: Paint) => (row.players === 12 ? p.red : p.bold) }));
    expect(table(toned, rows.slice(0, 1), { width: 80, paint })[1]).toBe(
      '<server_01JXABCDEFGHJKMNPQRSTVWXYZ>  <Ann>   <     12>',
    );
  });

  it('of nothing is its heading', () => expect(table(columns, [], { width: 80 })).toEqual(['ID  NAME  PLAYERS']));
});

it('fields stand below one another', () =>
  expect(
    fields(
      [
        ['name', 'Ann\nBob'],
        ['position', 'x'.repeat(40)],
      ],
      { width: 20 },
    ),
  ).toEqual(['name      Ann Bob', 'position  xxxxxxxxx…']));
