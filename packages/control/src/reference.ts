/** The API for people: a page of Markdown (docs/reference/api.md), and the types of the client (packages/sdk-admin/src/api-types.ts). */
import type { ApiDocument, JsonSchema, Operation } from './openapi.ts';

export { apiDocument } from './openapi.ts';

import { membersText, typeText } from './type-text.ts';

export function referencePage(document: ApiDocument): string {
  const sections = document.tags.map(({ name, description }) => {
    const operations = operationsOf(document, name).map(({ method, path, operation }) => operationText(method, path, operation));
    return operations.length === 0
      ? ''
      : `## ${name.charAt(0).toUpperCase()}${name.slice(1)}\n\n${description}\n\n${operations.join('\n')}`;
  });
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `### ${name}\n\n\`\`\`ts\n${declaration(name, schema)}\`\`\`\n`,
  );
  return `# HTTP API

${String(document.info.description)}

The same for machines: \`GET /api/v1/openapi.json\` (OpenAPI 3.1); for people beside a running Atlas: \`/docs\`. In TypeScript:
[sdk-admin](../../packages/sdk-admin/README.md). Beside the API: \`/metrics\` (Prometheus), \`/healthz\`, \`/readyz\`. Generated from \`packages/control/src/endpoints\` by \`npm run docs\`.

${sections.filter((section) => section !== '').join('\n')}
## Shapes

${schemas.join('\n')}`;
}

/** Types without anything to run. */
export function clientTypes(document: ApiDocument): string {
  const declarations = Object.entries(document.components.schemas).map(([name, schema]) => {
    const comment = typeof schema.description === 'string' ? `/** ${schema.description} */\n` : '';
    return `${comment}export ${declaration(name, schema)}`;
  });
  return `/** The shapes of the API's answers. Generated from packages/control by \`npm run docs\`; don't edit. */\n\n${declarations.join('\n')}`;
}

export function operationsOf(document: ApiDocument, tag: string): { method: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function declaration(name: string, schema: JsonSchema): string {
  if (schema.type !== 'object' || schema.properties === undefined) return `type ${name} = ${typeText(schema)};\n`;
  const { properties, required } = schema as { properties: Record<string, JsonSchema>; required?: string[] };
  return `interface ${name} {\n${membersText(properties, required ?? [], '  ')}}\n`;
}

function operationText(method: string, path: string, operation: Operation): string {
  const { summary, description, parameters, requestBody, responses } = operation;
  const rows = parameters.map(
    ({ name, in: place, required, description: what = '', schema }) =>
      `| \`${name}\` | ${place}${required ? ', required' : ''} | \`${typeText(schema).replaceAll('|', '\\|')}\`${defaultText(schema)} | ${what} |`,
  );
  const table = rows.length === 0 ? '' : `\n| | | | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  const body = Object.values(requestBody?.content ?? {})[0];
  const takes = body
    ? `\nBody${requestBody?.required ? '' : ' (may be absent)'}:\n\n\`\`\`ts\n${typeText(body.schema)}\n\`\`\`\n`
    : '';
  return `### \`${method} ${path}\`\n\n${summary}. ${description}\n${table}${takes}\n${answersText(responses)}\n`;
}

function defaultText({ default: value }: JsonSchema): string {
  return value === undefined || String(value).length > 40 ? '' : `, default \`${String(value)}\``;
}

function answersText(responses: Operation['responses']): string {
  return Object.entries(responses)
    .map(([status, { description, content = {} }]) => {
      const [type, held] = Object.entries(content)[0] ?? [];
      if (type === 'application/problem+json') return `- ${status}: ${description.replace(/: [^;]*/g, '').replaceAll(';', ',')}`;
      if (type !== 'application/json' || !held) return `- ${status}: ${description}${type ? ` (\`${type}\`)` : ''}`;
      return `- ${status}: \`${oneLine(typeText(held.schema))}\``;
    })
    .join('\n');
}

const oneLine = (type: string): string => type.replace(/\s+/g, ' ').replaceAll('readonly ', '');
