/** docs/reference/config.md: every field of a configuration, from the schema that checks it. */
import { z } from 'zod';
import { configSchema } from '../../packages/atlas/src/config-schema.ts';
import { defaultGatewayPolicy } from '../../packages/gateway/src/core/policy.ts';
import { defaultPolicy } from '../../packages/regions/src/core/policy.ts';
import { commentsFor, fieldsOf } from './doc-comments.ts';
import { code, type GeneratedPage, madeFrom, table } from './generated-page.ts';

const source = 'packages/atlas/src/config-schema.ts';
const policySource = 'packages/regions/src/core/policy.ts';

interface Field {
  readonly path: string;
  readonly schema: z.ZodType;
  readonly means: string;
  /** Nothing has to be written. */
  readonly optional: boolean;
  readonly standard: string;
}

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
    const fields = fieldsUnder('', configSchema);
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

function rows(fields: readonly Field[]): string {
  return table(
    ['Field', 'What it is', 'Expected', 'Default'],
    fields.map(({ path, schema, means, standard }) => {
      const guide = guideOf(schema);
      const example = guide && guide.example !== standard ? ` such as ${code(guide.example)}` : '';
      return [
        code(path),
        means,
        guide ? `${guide.expected}${isGroup(schema) ? '' : `,${example}`.replace(/,$/, '')}` : '',
        standard,
      ];
    }),
  );
}

function fieldsUnder(at: string, schema: z.ZodType): Field[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return fieldsUnder(`${at}[]`, inner.element as z.ZodType);
  if (!(inner instanceof z.ZodObject)) return [];
  const shape = inner.shape as Record<string, z.ZodType>;
  const comments = commentsFor(commented, Object.keys(shape));
  return Object.entries(shape).flatMap(([name, each]) => {
    const path = at === '' ? name : `${at}.${name}`;
    const field: Field = { path, schema: each, means: comments.get(name) ?? '', ...standardOf(path, each) };
    return [field, ...fieldsUnder(path, each)];
  });
}

const commented = fieldsOf(
  source,
  'packages/atlas/src/config-fleet-schema.ts',
  'packages/atlas/src/config-values.ts',
  'packages/atlas/src/edges/config-edge-schema.ts',
);

function standardOf(path: string, schema: z.ZodType): { optional: boolean; standard: string } {
  const own = gatewayStandards[path];
  if (own !== undefined) return { optional: true, standard: code(String(own)) };
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const value = schema.def.defaultValue as unknown;
    return { optional: true, standard: schema instanceof z.ZodPrefault ? '' : code(written(value)) };
  }
  return schema instanceof z.ZodOptional ? { optional: true, standard: '' } : { optional: false, standard: '**required**' };
}

/** As a person would write it in a module. */
function written(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([name, each]) => `${name}: ${written(each)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

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

function isGroup(schema: z.ZodType): boolean {
  const inner = unwrap(schema);
  return (
    inner instanceof z.ZodObject || (inner instanceof z.ZodArray && unwrap(inner.element as z.ZodType) instanceof z.ZodObject)
  );
}

function guideOf(schema: z.ZodType): { expected: string; example: string } | undefined {
  const meta = schema.meta() ?? unwrap(schema).meta();
  return typeof meta?.expected === 'string' ? (meta as { expected: string; example: string }) : undefined;
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}
