/** Who asks, and what they may. @module */
import { createMiddleware } from "hono/factory";
import { RequestRefused } from "../errors.ts";
import type { Scope } from "../schemas/key_schema.ts";
import type { ServerEnv, Service } from "../service.ts";

/** Knows who asks by the key that was sent; everybody is let through where no keys are needed. @throws {RequestRefused} */
export const identified = ({ store, keysNeeded }: Pick<Service, "store" | "keysNeeded">) =>
  createMiddleware<ServerEnv>(async (context, next) => {
    if (keysNeeded) {
      const given = /^Bearer +(\S+)$/i.exec(context.req.header("Authorization") ?? "")?.[1];
      if (given === undefined) {
        throw new RequestRefused(401, "key-missing", "This server asks for a key: send Authorization: Bearer KEY");
      }
      const key = store.keys.find(given);
      if (!key) throw new RequestRefused(401, "key-refused", "This key is unknown or was revoked");
      context.set("key", key);
    }
    await next();
  });

/** Lets through whose key has this scope, or `admin`; everybody where no keys are needed. @throws {RequestRefused} */
export const requires = ({ keysNeeded }: Pick<Service, "keysNeeded">, scope: Scope) =>
  createMiddleware<ServerEnv>(async (context, next) => {
    const scopes = context.get("key")?.scopes ?? [];
    if (keysNeeded && !scopes.includes(scope) && !scopes.includes("admin")) {
      throw new RequestRefused(
        403,
        "scope-missing",
        `This needs a key with scope ${scope}; this one has ${scopes.join(", ")}`,
      );
    }
    await next();
  });
