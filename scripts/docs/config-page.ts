/** docs/reference/config.md: every field of a configuration, from the schema that checks it. */
import type { z } from 'zod';
import { configSchema } from '../../packages/atlas/src/config-schema.ts';
import { defaultGatewayPolicy } from '../../packages/gateway/src/core/policy.ts';
import { defaultPolicy } from '../../packages/regions/src/core/policy.ts';
import { commentsFor, fieldsOf } from './doc-comments.ts';
import { type Field, fieldsUnder, guideOf, isGroup, rows, unwrap } from './field-rows.ts';
import { code, type GeneratedPage, madeFrom, table } from './generated-page.ts';

const source = 'packages/atlas/src/config-schema.ts';
const policySource = 'packages/regions/src/core/policy.ts';

/** Where leaving it out means a figure of the gateway's own. */
const gatewayStandards: Readonly<Record<string, number>> = {
  'gateway.limits.connections': defaultGatewayPolicy.connectionsMax,
  'gateway.limits.connectionsPerAddress': defaultGatewayPolicy.connectionsPerAddress,
  'gateway.limits.connectsPerSecondPerAddress': defaultGatewayPolicy.connectsPerAddress.perS,
  'gateway.limits.messagesPerSecond': defaultGatewayPolicy.messagesPerConnection.perS,
  'gateway.limits.messageBytes': defaultGatewayPolicy.messageBytesMax,
};

export const configPage: GeneratedPage = {
  file: 'docs/reference/config.md',
  source,
  text() {
    const sections = Object.keys((unwrap(configSchema) as z.ZodObject).shape);
    const fields = fieldsUnder('', configSchema, { commented, standards: gatewayStandards });
    const general = fields.filter(({ path, schema }) => !/[.[]/.test(path) && !isGroup(schema));
    const groups = sections.filter((name) => fields.some(({ path }) => isWithin(path, name)));
    return `# Configuration

A configuration is a module whose default export is \`defineAtlas({ … })\`, or a JSON file. Paths in it are relative to the file. What is wrong is told all at once
when Atlas starts, each with what was expected, what was found and an example; a misspelt name is told what it should be. ${madeFrom(source)}

\`\`\`ts
import { defineAtlas } from '@horizon-atlas/atlas';

export default defineAtlas({
  world: { regions: [{ id: 'alpha', bounds: { minX: 0, maxX: 1000, minY: 0, maxY: 1000 } }] },
  regionServer: { entry: './region.ts' },
});
\`\`\`

That is all that has to be written: every other field has a default.

## General

${rows(general)}

${groups.map((name) => `## ${name}\n\n${sectionText(name, fields)}`).join('\n\n')}

## handoff: names and defaults

Departures from the coordinator's policy, for those who measure. Times are milliseconds.

${policyRows()}
`;
  },
};

function sectionText(name: string, fields: readonly Field[]): string {
  const own = fields.find(({ path }) => path === name);
  const guide = own && guideOf(own.schema);
  const lead = [own?.means, guide?.example && `For example \`${name}: ${guide.example}\`.`].filter(Boolean).join(' ');
  const inside = fields.filter(({ path }) => isWithin(path, name));
  return `${lead === '' ? '' : `${lead}\n\n`}${rows(inside)}`;
}

const commented = fieldsOf(
  source,
  'packages/atlas/src/config-fleet-schema.ts',
  'packages/atlas/src/config-values.ts',
  'packages/atlas/src/config-matchmaking.ts',
  'packages/atlas/src/edges/config-edge-schema.ts',
);

function policyRows(): string {
  const comments = commentsFor(fieldsOf(policySource), Object.keys(defaultPolicy));
  return table(
    ['Name', 'Default', 'What it is'],
    Object.entries(defaultPolicy).map(([name, value]) => [code(name), code(String(value)), comments.get(name) ?? '']),
  );
}

function isWithin(path: string, name: string): boolean {
  return path.startsWith(`${name}.`) || path.startsWith(`${name}[`);
}
