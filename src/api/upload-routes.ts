/** The door through which a facility sends files into its own inbox; nothing comes out of it but what became of them. */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { inboxFolder, receiveUpload, type UploadProblem, uploadName } from "../pipelines/inbox.ts";
import { codeOf } from "../platform/failure.ts";
import { appendAccess } from "../store/access-log.ts";
import type { Reader } from "../store/database.ts";
import { actorOf, isFromThisMachine } from "./authentication.ts";
import { RequestFailure } from "./failure.ts";
import { sentDigest, sentName } from "./upload-headers.ts";

export interface UploadOptions {
  readonly reader: Reader;
  /** Of the workspace; its `inbox` has a folder for each facility. */
  readonly filesFolder: string;
  readonly limitBytes: number;
}

const problems: Readonly<Record<UploadProblem, () => RequestFailure>> = {
  upload_empty: () => new RequestFailure(400, "invalid", "the file is empty"),
  upload_too_large: () =>
    new RequestFailure(413, "too-long", "the file is larger than this server takes in"),
  upload_digest_mismatch: () =>
    new RequestFailure(400, "invalid", "the content is not what its digest says; send it again"),
};

/** What a full disk, a quota or a limit of file sizes says. */
const noRoom = /^E(?:NOSPC|DQUOT|FBIG)$/;

export function registerUploadRoute(app: FastifyInstance, options: UploadOptions): void {
  // In a scope of its own: only here is a body of any type taken, and as a stream.
  void app.register((door, _options, done) => {
    door.removeAllContentTypeParsers();
    door.addContentTypeParser("*", (_request, payload, parsed) => parsed(null, payload));
    door.post("/facilities/:id/uploads", {
      config: { access: { scope: "upload" } },
      bodyLimit: options.limitBytes,
      schema: {
        tags: ["upload"],
        summary: "Send a file into the inbox of the facility that the key is bound to",
        params: z.object({ id: z.string() }),
        querystring: z.object({ name: z.string().optional() }),
      },
      handler: async (request, reply) => {
        try {
          await takeIn(request, reply, options);
        } catch (error) {
          // What is left of a refused body would stand before the next request of this connection.
          reply.header("connection", "close");
          request.raw.resume();
          throw error;
        }
      },
    });
    done();
  });
}

async function takeIn(
  request: FastifyRequest,
  reply: FastifyReply,
  { reader, filesFolder, limitBytes }: UploadOptions,
): Promise<void> {
  refuseInTheClear(request);
  const facilityId = request.facilityId ?? "";
  const name = uploadName(sentName(request) ?? "");
  if (name === null)
    throw new RequestFailure(
      400,
      "value",
      "say what the file is called: Content-Disposition: attachment; filename=..., or ?name=; .tmp and .part are names of unfinished files",
    );
  const sha256 = sentDigest(request);
  if (Number(request.headers["content-length"] ?? 0) > limitBytes)
    throw problems.upload_too_large();
  const received = await receiveUpload({
    folder: await inboxFolder(filesFolder, facilityId),
    name,
    body: bodyOf(request),
    limitBytes,
    sha256,
    beforeArrival: async () =>
      await appendAccess(reader, {
        actor: actorOf(request),
        action: "upload",
        resource: `facilities/${facilityId}/uploads`,
        outcome: "ok",
        persons: [],
      }),
  }).catch((error: unknown) => {
    if (noRoom.test(codeOf(error))) throw full();
    throw error;
  });
  if (!received.ok) throw refusalOf(received.reasons);
  const { isNew, ...file } = received.value;
  await reply
    .code(isNew ? 201 : 200)
    .type("application/json; charset=utf-8")
    .send(file);
}

function refusalOf([problem]: readonly UploadProblem[]): RequestFailure {
  if (problem === undefined) throw new Error("an upload was refused without a reason");
  return problems[problem]();
}

function full(): RequestFailure {
  return new RequestFailure(
    507,
    "no-store",
    "there is no room for this file; nothing of it was kept",
  );
}

/** Patients' data does not cross a network in the clear. Behind a proxy on this machine, the proxy says how it was asked. */
function refuseInTheClear(request: FastifyRequest): void {
  const { raw, headers } = request;
  if ("encrypted" in raw.socket && raw.socket.encrypted === true) return;
  const isProxied = headers["x-forwarded-proto"] === "https" && isLocalPeer(request);
  if (isProxied || isFromThisMachine(request)) return;
  throw new RequestFailure(403, "security", "uploads need HTTPS");
}

function isLocalPeer({ ip }: FastifyRequest): boolean {
  return ip === "::1" || /^(::ffff:)?127\./.test(ip);
}

/** Ending early leaves the connection open: the sender is to read why. */
function bodyOf({ body }: FastifyRequest): AsyncIterable<Uint8Array> {
  return body instanceof Readable ? body.iterator({ destroyOnReturn: false }) : Readable.from([]);
}
