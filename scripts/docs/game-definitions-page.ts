/** docs/reference/game-definitions.md: what a game definition is, and every field of it, from the schema that checks it. */
import { definitionSchema } from '../../packages/games/src/core/definition-schema.ts';
import { fieldsOf } from './doc-comments.ts';
import { fieldsUnder, rows } from './field-rows.ts';
import { type GeneratedPage, madeFrom } from './generated-page.ts';

const source = 'packages/games/src/core/definition-schema.ts';

export const gameDefinitionsPage: GeneratedPage = {
  file: 'docs/reference/game-definitions.md',
  source,
  text() {
    const fields = fieldsUnder('', definitionSchema, { commented: fieldsOf(source), alternatives: true });
    return `# Game definitions

A file that says how a dedicated server that knows nothing of Atlas is run: YAML, JSON, or a module with a default export. A fleet names it:
\`fleets: [{ name: 'tanks', game: './tanks.yaml', vars: { maxPlayers: 8 } }]\`, and \`atlas server add ./tanks.yaml\` writes that line, with a public port. Atlas brings along \`bzflag\`,
\`minecraft\`, \`minetest\` and \`openttd\`; \`atlas server add NAME --copy\` copies one to be changed, \`atlas server import egg.json\` makes one of an egg. Step by step:
[Dedicated servers](../guides/dedicated-servers.md). ${madeFrom(source)}

\`\`\`yaml
name: Tanks
install: { debian: apt-get install tanks-server }
argv: [tanks-server, -p, '{{port.game}}', -i, '{{host}}', -n, '{{maxPlayers}}']
variables: { maxPlayers: { type: integer, minimum: 1, maximum: 64, default: 16 } }
ports: { game: { protocol: udp, port: 5000 } }
ready: { all: [{ log: '^Server is up$' }, { bound: game }], withinMs: 30000 }
players: { join: '^(?<player>\\S+) joins$', leave: '^(?<player>\\S+) leaves$', ignore: ['^<[^>]+> '], capacity: maxPlayers }
stop: [{ write: quit, waitMs: 10000 }, { signal: SIGTERM }]
sleep: { how: freeze, afterMs: 300000 }
\`\`\`

\`name\`, \`argv\` and \`ports\` have to be written; everything else may be left out.

## What holds everywhere

- **Placeholders** are replaced in \`argv\`, \`env\`, \`files\` and \`cwd\`: variables, \`{{host}}\`, \`{{port.NAME}}\`, \`{{dir}}\` (its folder),
  \`{{home}}\` (of the definition), \`{{project}}\` (of the configuration), \`{{id}}\`, \`{{fleet}}\`, \`{{module.NAME}}\`.
- **Its folder** is \`servers/FLEET/PLACE\` of the data directory, the first place being 0. It belongs to the place and outlives the process.
- **Patterns** hold for whole lines without colours, begin with \`^\`, and may not nest repetitions. Lines that match \`players.ignore\` say nothing else, whatever players write in them.
- **Ports** are the ones that Atlas finds free, not the usual ones: give the program \`{{port.game}}\`. What players join at is the public port of the edge, for which
  \`atlas server add\` takes the usual one. Without an edge: \`ports: [{ name: 'game', port: 5000 }]\` of the fleet.
- **Ready** is a server once its conditions hold *and* its game ports are bound. One that took another port instead is ended with \`GAME_PORT_MOVED\`; \`check: false\` where that cannot be looked at.

## Fields

${rows(fields)}
`;
  },
};
