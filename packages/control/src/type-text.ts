/** A JSON schema as a TypeScript type: how people read shapes, and what the client's types are made of. */
import type { JsonSchema } from './openapi.ts';

/** As biome.json's lineWidth. */
const lineChars = 130;

export function typeText(schema: JsonSchema, indent = ''): string {
  if (typeof schema.$ref === 'string') return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => quoted(value)).join(' | ');
  if ('const' in schema) return quoted(schema.const);
  const parts = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (parts) return parts.map((part) => typeText(part, indent)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type: string) => typeText({ ...schema, type }, indent)).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return arrayText(schema.items as JsonSchema, indent);
    case 'object':
      return objectText(schema, indent);
    default:
      return 'unknown';
  }
}

function arrayText(items: JsonSchema, indent: string): string {
  const item = typeText(items, indent);
  return / \| /.test(item) && !item.startsWith('{') ? `readonly (${item})[]` : `readonly ${item}[]`;
}

function objectText({ properties, required, additionalProperties }: JsonSchema, indent: string): string {
  if (properties === undefined) {
    if (typeof additionalProperties !== 'object') return 'Readonly<Record<string, unknown>>';
    const value = typeText(additionalProperties as JsonSchema, `${indent}  `);
    if (value.includes('\n')) return `{\n${indent}  readonly [name: string]: ${value};\n${indent}}`;
    return `Readonly<Record<string, ${value}>>`;
  }
  return `{\n${membersText(properties as Record<string, JsonSchema>, (required ?? []) as string[], `${indent}  `)}${indent}}`;
}

export function membersText(properties: Record<string, JsonSchema>, required: readonly string[], indent: string): string {
  return Object.entries(properties)
    .map(([name, schema]) => {
      const comment = typeof schema.description === 'string' ? `${indent}/** ${schema.description} */\n` : '';
      const lead = `${indent}readonly ${name}${required.includes(name) ? '' : '?'}:`;
      return `${comment}${wrapped(lead, typeText(schema, indent), indent)}`;
    })
    .join('');
}

/** A union that is too long for a line has a line for each member, as the formatter of this repository has it. */
function wrapped(lead: string, type: string, indent: string): string {
  const line = `${lead} ${type};\n`;
  if (line.length <= lineChars + 1 || !/^'[^\n]* \| /.test(type)) return line;
  return `${lead}\n${type
    .split(' | ')
    .map((member) => `${indent}  | ${member}`)
    .join('\n')};\n`;
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
