/** What somebody sees whose login at the identity provider did not come about: why, with the code, and what to do. Nothing of it is markup from outside. */
import type { ErrorCode } from '@horizon-atlas/protocol';

export function loginPage(code: ErrorCode, detail: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Login · Horizon Atlas</title>
<link rel="stylesheet" href="/docs/style.css"></head><body><main><h1>You are not logged in</h1>
<p>${escaped(detail)}</p>
<p><code>${code}</code></p>
<p><a href="/api/v1/auth/login">Log in again</a>, or <a href="/">with a token or key</a>.</p></main></body></html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}
