/** @jsxImportSource hono/jsx */
/** @jsxRuntime automatic */
/** The page's frame: what stands on it before its script runs. @module */

/** The page's document, without its doctype. */
export function pageShell(): string {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>uni3dad</title>
        <link rel="icon" href="/page/icon.svg" type="image/svg+xml" />
        {/* by this id and class the plotting library knows that its styles are in the sheet already, and adds none in line */}
        <link rel="stylesheet" href="/page/page.css" id="plotly.js-style-global" class="no-inline-styles" />
        <script type="module" src="/page/browser/main.ts"></script>
      </head>
      <body>
        <button type="button" class="skip" id="skip">Skip to the content</button>
        <header class="bar">
          <a class="brand" href="#/">
            <img src="/page/icon.svg" alt="" width="26" height="26" />
            <span class="brand-words">uni3dad</span>
          </a>
          <nav aria-label="Pages">
            <a href="#/">Inspect</a>
            <a href="#/history">History</a>
            <a href="/docs">API</a>
          </nav>
          <div class="bar-end">
            <button type="button" class="plain" id="key" hidden>Key</button>
            <button type="button" class="plain" id="scheme">Dark</button>
          </div>
        </header>
        <main id="main" tabindex={-1}>
          <noscript>
            <p class="note">This page needs JavaScript, all of it from this server.</p>
          </noscript>
        </main>
        <footer id="footer"></footer>
        <div id="live" class="unseen" role="status"></div>
        <p id="waiting" class="waiting" role="status" hidden></p>
        <div id="drop" class="drop-veil" hidden>
          <p>Drop the scans to score them</p>
        </div>
      </body>
    </html>
  ).toString();
}
