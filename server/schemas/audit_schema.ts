/** What was changed by whom. @module */
import { z } from "zod";

/** One change. */
export const auditEntrySchema = z.object({
  id: z.string(),
  created: z.iso.datetime(),
  actor: z.string().describe("id of the key; local where no keys are needed"),
  action: z.string(),
  target: z.string(),
  detail: z.record(z.string(), z.unknown()),
}).meta({ id: "AuditEntry" });

/** Entries, latest first. */
export const auditPageSchema = z.object({ entries: z.array(auditEntrySchema), next: z.string().nullable() }).meta({
  id: "AuditPage",
});
