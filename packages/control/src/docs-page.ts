/** `/docs`: the API's document as one page that needs no script and asks nobody else for anything. */
import { type ApiDocument, apiDocument, type JsonSchema, type Operation } from './openapi.ts';
import { operationsOf } from './reference.ts';
import { typeText } from './type-text.ts';

export function docsPage(version: string): string {
  const document = apiDocument(version);
  const sections = document.tags
    .map(({ name, description }) => ({ name, description, operations: operationsOf(document, name) }))
    .filter(({ operations }) => operations.length > 0);
  const links = sections.map(({ name }) => `<a href="#${name}">${name}</a>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Horizon Atlas API ${escaped(version)}</title><link rel="stylesheet" href="/docs/style.css"></head>
<body><header><h1>Horizon Atlas API <small>${escaped(version)}</small></h1><p>${inline(String(document.info.description))}</p>
<nav aria-label="Sections">${links.join(' ')} <a href="#shapes">shapes</a> <a href="/api/v1/openapi.json">openapi.json</a></nav></header>
<main>${sections.map(sectionHtml).join('\n')}
<section id="shapes"><h2>shapes</h2>${shapesHtml(document)}</section></main></body></html>
`;
}

export const docsStyle = `:root{color-scheme:light dark;--line:light-dark(#d8dce3,#333a45);--soft:light-dark(#f4f6f9,#1c2129);--accent:light-dark(#0b5cad,#7db8ff);--dim:light-dark(#55606e,#9aa5b3)}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;background:light-dark(#fff,#12161c);color:light-dark(#1a1f26,#e4e8ee)}
h1{font-size:1.6rem;margin:.5rem 0}h1 small{color:var(--dim);font-weight:400}h2{margin:2.5rem 0 .5rem;text-transform:capitalize;border-bottom:1px solid var(--line)}
nav{display:flex;flex-wrap:wrap;gap:.75rem}a{color:var(--accent)}
details{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0;padding:0 .75rem}summary{cursor:pointer;padding:.6rem 0;overflow-wrap:anywhere}
summary b{font:600 .85rem ui-monospace,monospace;display:inline-block;min-width:4rem;color:var(--accent)}summary code{background:none}summary span{color:var(--dim)}
code,pre{font:.875rem/1.45 ui-monospace,monospace;background:var(--soft);border-radius:.25rem}code{padding:.1rem .3rem}pre{padding:.75rem;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.925rem}td,th{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top}
.table{overflow-x:auto}h3{font-size:1rem;margin:1rem 0 .25rem}
`;

function sectionHtml(section: {
  name: string;
  description: string;
  operations: { method: string; path: string; operation: Operation }[];
}): string {
  const { name, description, operations } = section;
  const each = operations.map(
    ({ method, path, operation }) =>
      `<details id="${operation.operationId}"><summary><b>${method}</b> <code>${escaped(path)}</code> <span>${escaped(operation.summary)}</span></summary>${operationHtml(operation)}</details>`,
  );
  return `<section id="${name}"><h2>${name}</h2><p>${inline(description)}</p>${each.join('\n')}</section>`;
}

function operationHtml({ description, parameters, requestBody, responses }: Operation): string {
  const rows = parameters.map(
    ({ name, in: place, required, description: what = '', schema }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${place}${required ? ', required' : ''}</td><td><code>${escaped(typeText(schema))}</code></td><td>${inline(what)}</td></tr>`,
  );
  const body = Object.values(requestBody?.content ?? {})[0];
  const answers = Object.entries(responses).map(([status, { description: what, content = {} }]) => {
    const [type, held] = Object.entries(content)[0] ?? [];
    const shape = type === 'application/json' && held ? pre(held.schema) : '';
    return `<tr><td>${status}</td><td>${inline(what)}${type ? ` <code>${escaped(type)}</code>` : ''}${shape}</td></tr>`;
  });
  return [
    `<p>${inline(description)}</p>`,
    rows.length > 0 ? `<h3>Parameters</h3><div class="table"><table>${rows.join('')}</table></div>` : '',
    body ? `<h3>Body</h3>${pre(body.schema)}` : '',
    `<h3>Answers</h3><div class="table"><table>${answers.join('')}</table></div>`,
  ].join('');
}

function shapesHtml(document: ApiDocument): string {
  return Object.entries(document.components.schemas)
    .map(([name, schema]) => `<details><summary><code>${name}</code></summary>${pre(schema)}</details>`)
    .join('\n');
}

const pre = (schema: JsonSchema): string => `<pre>${escaped(typeText(schema))}</pre>`;

/** Text with \`code\` in it. */
function inline(text: string): string {
  return escaped(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);
}
