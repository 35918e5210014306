/** `/openapi.json` and `/docs` @module */
import { Hono } from "hono";
import { type GenerateSpecOptions, openAPIRouteHandler } from "hono-openapi";
import { VERSION } from "../../core/mod.ts";
import type { ServerEnv } from "../service.ts";

const documentation: GenerateSpecOptions["documentation"] = {
  openapi: "3.1.0",
  info: {
    title: "uni3dad",
    version: VERSION,
    description: "Finds defects in 3-D scans. Errors are problem details (RFC 9457) with a stable `code`.",
    license: { name: "MIT", identifier: "MIT" },
  },
  components: {
    securitySchemes: {
      key: {
        type: "http",
        scheme: "bearer",
        description:
          "Needed where `GET /v1/server` says so. The scope that a call names is the key's, or the key has `admin`.",
      },
    },
  },
};

/** Files of swagger-ui that its page needs. */
const assets = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
} as const;

/** Its page sets styles by script, hence `unsafe-inline` for styles, and shows pictures of its own from data. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>uni3dad: the calls</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="calls"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const start = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#calls", deepLinking: true, validatorUrl: null });\n`;

/** The description of all calls that `app` has, and a page to browse it. */
export function docsRoutes(app: Hono<ServerEnv>): Hono<ServerEnv> {
  const folder = new URL(".", import.meta.resolve("swagger-ui-dist/swagger-ui.css"));
  const options = { documentation, excludeStaticFile: false, defaultValidationErrorResponse: false } as const;
  return new Hono<ServerEnv>()
    .get("/openapi.json", openAPIRouteHandler(app, options))
    .get("/docs", (context) => context.html(page, 200, { "Content-Security-Policy": POLICY }))
    .get("/docs/start.js", (context) => context.body(start, 200, { "Content-Type": assets["swagger-ui-bundle.js"] }))
    .get("/docs/:file{swagger-ui.css|swagger-ui-bundle.js}", async (context) => {
      const name = context.req.param("file") as keyof typeof assets;
      return context.body(await Deno.readFile(new URL(name, folder)), 200, {
        "Content-Type": assets[name],
        "Cache-Control": "public, max-age=86400",
      });
    });
}
