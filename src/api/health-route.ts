/** `/healthz`: whether this server can answer, for load balancers and monitors. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { isConnectionLoss } from "../platform/failure.ts";
import type { Reader } from "../store/database.ts";
import { pingStore } from "../store/operation-reads.ts";

const patienceMs = 3_000;
const answer = z.object({
  status: z.enum(["ok", "unavailable"]),
  database: z.enum(["ok", "unreachable"]),
});

export function registerHealth(app: FastifyInstance, reader: Reader): void {
  app.get("/healthz", {
    config: { access: "open" },
    schema: {
      tags: ["operations"],
      summary: "Whether the server and its database answer",
      response: { 200: answer, 503: answer },
    },
    handler: async (_request, reply) =>
      (await isAnswering(reader))
        ? reply.send({ status: "ok", database: "ok" })
        : reply.code(503).send({ status: "unavailable", database: "unreachable" }),
  });
}

/** A database that hangs is as good as none. */
async function isAnswering(reader: Reader): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  const ping = pingStore(reader).then(
    () => true,
    (error: unknown) => {
      if (isConnectionLoss(error)) return false;
      throw error;
    },
  );
  try {
    return await Promise.race([ping, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
