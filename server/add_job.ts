/** Jobs from requests. @module */
import type { Job } from "./schemas/job_schema.ts";
import type { Service } from "./service.ts";
import type { NewJob } from "./store/jobs.ts";
import { dropUploads } from "./uploads.ts";

/** Adds a job and what the audit says of it, or neither: then its uploads go. Wakes who works on jobs. @throws {StoreUnwritable} */
export async function addJob(
  { store, jobs }: Pick<Service, "store" | "jobs">,
  actor: string,
  wanted: NewJob,
): Promise<Job> {
  try {
    const job = store.together(() => {
      const job = store.jobs.add(wanted), { id, kind, model, total } = job;
      store.audit.add({
        actor,
        action: kind,
        target: model,
        detail: { job: id, ...(total > 0 ? { scans: total } : {}) },
      });
      return job;
    });
    jobs.wake();
    return job;
  } catch (error) {
    await dropUploads(wanted.request);
    throw error;
  }
}
