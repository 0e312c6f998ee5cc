/**
 * What a browser gets in place of a script that cannot be bundled: a script that says so in the page, as text and within the strictest
 * Content-Security-Policy. It asks now and then whether the script is well again, and then loads the page anew.
 */
export function troubleScript(entry: string, text: string): Uint8Array {
  // JSON is JavaScript, and nothing in it can end a script that is a file of its own.
  return new TextEncoder().encode(`(${show.toString()})(${JSON.stringify(entry)}, ${JSON.stringify(text)});\n`);
}

/** Runs in the page: nothing from out here is there. */
function show(entry: string, text: string): void {
  const AGAIN_MS = 1000;
  const box = document.createElement('section');
  box.setAttribute('role', 'alert');
  box.style.cssText =
    'position:fixed;inset:0;z-index:2147483647;overflow:auto;margin:0;padding:clamp(16px,5vw,56px);background:#14161c;color:#e8eaf0;font:15px/1.6 system-ui,sans-serif';
  const title = document.createElement('h1');
  title.style.cssText = 'font-size:20px;margin:0 0 4px;color:#ff8a80';
  title.textContent = `${entry} cannot be bundled`;
  const hint = document.createElement('p');
  hint.style.cssText = 'margin:0 0 20px;color:#9aa3b5';
  hint.textContent = 'Mend it and save: this page loads itself anew.';
  const what = document.createElement('pre');
  what.style.cssText =
    'white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.55 ui-monospace,monospace;background:#0c0d11;border:1px solid #2a2e39;border-radius:8px;padding:16px;margin:0';
  what.textContent = text;
  box.append(title, hint, what);
  (document.body ?? document.documentElement).append(box);
  console.error(`${entry} cannot be bundled\n${text}`);
  setInterval(() => {
    fetch(new URL(entry, document.baseURI), { cache: 'no-store' })
      .then((answer) => {
        if (answer.headers.get('x-atlas-trouble') === null) location.reload();
      })
      .catch(() => {});
  }, AGAIN_MS);
}
