/** The pages that Atlas makes where a game brings none of its own. No script and no style stands in them: the policy allows none. */

/** For a script alone: an empty page that it fills. */
export function pageFor(title: string, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<script type="module" src="${escaped(script)}"></script>
</head>
<body></body>
</html>
`;
}

/** For a game without a web client: who is where, and how to add one. */
export function genericPage(title: string, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} – Play</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
<script type="module" src="${escaped(script)}"></script>
</head>
<body>
<canvas id="world" tabindex="0" role="img" aria-label="The world from above: regions, and everybody in sight as dots"></canvas>
<header>
<h1>${escaped(title)}</h1>
<p id="status">joining …</p>
</header>
<p id="notice" role="status" aria-live="polite"></p>
<footer>
<p>You are in the world, and this page shows what every game has: regions and everybody in sight. What your game is about needs a web client of its own:
a folder with an <code>index.html</code> and TypeScript, named in <code>atlas.config.ts</code> as <code>web: './web'</code>. There is nothing to build.</p>
</footer>
</body>
</html>
`;
}

export const genericStyle = `:root { color-scheme: dark; }
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { background: #10131a; color: #e6e9f0; font: 15px/1.5 system-ui, sans-serif; overflow: hidden; }
canvas { position: fixed; inset: 0; width: 100%; height: 100%; outline-offset: -3px; }
header, footer { position: fixed; left: 0; right: 0; padding: 14px 18px; pointer-events: none; }
header { top: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: baseline; }
footer { bottom: 0; color: #a3acbf; font-size: 13px; background: linear-gradient(transparent, #10131a 40%); padding-top: 36px; }
h1 { font-size: 16px; margin: 0; }
p { margin: 0; max-width: 78ch; }
code { font: 0.95em ui-monospace, monospace; color: #cfe3ff; }
#status { color: #a3acbf; font-variant-numeric: tabular-nums; }
#notice { position: fixed; top: 56px; left: 50%; transform: translateX(-50%); padding: 8px 16px; border-radius: 999px; background: #3a2f12; color: #ffdf9e; }
#notice:empty { display: none; }
`;

/** Names are texts, wherever they stand. */
function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };
  return text.replace(/[&<>"']/g, (found) => `&${names[found]};`);
}
