/** How often somebody may ask. @module */
import { createMiddleware } from "hono/factory";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { RequestRefused } from "../errors.ts";
import { ownerOf, type ServerEnv } from "../service.ts";

/** Lets each key ask so many times a minute; where no keys are needed all together are one. @throws {RequestRefused} */
export function perMinute(most: number) {
  const limiter = new RateLimiterMemory({ points: most, duration: 60 });
  return createMiddleware<ServerEnv>(async (context, next) => {
    try {
      await limiter.consume(ownerOf(context.get("key")));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw new RequestRefused(
        429,
        "rate-exceeded",
        `More than ${most} requests in a minute: wait, or start with a higher --rate`,
        {
          retrySeconds: Math.min(60, Math.ceil(refused.msBeforeNext / 1000)), // more only where the clock was set back
        },
      );
    }
    await next();
  });
}
