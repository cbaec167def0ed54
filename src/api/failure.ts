/** Everything that can go wrong in a request, told as an OperationOutcome. No text of another program gets out. */
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type IssueCode, toOperationOutcome } from "../fhir/operation-outcome.ts";
import { HimsError } from "../platform/errors.ts";
import { codeOf, isConnectionLoss } from "../platform/failure.ts";
import type { Logger } from "../platform/logger.ts";

export const fhirJson = "application/fhir+json; charset=utf-8";

/** A request that is answered with an error. The diagnostics are a sentence of ours and hold no value that was sent. */
export class RequestFailure extends Error {
  readonly status: number;
  readonly issue: IssueCode;

  constructor(status: number, issue: IssueCode, diagnostics: string) {
    super(diagnostics);
    this.name = "RequestFailure";
    this.status = status;
    this.issue = issue;
  }
}

type Answer = readonly [status: number, issue: IssueCode, diagnostics: string];

const answers: Readonly<Record<number, Answer>> = {
  408: [408, "transient", "the request took too long to arrive"],
  413: [413, "too-long", "the request is too large"],
  414: [414, "too-long", "the address is too long"],
  415: [415, "not-supported", "send the parameters as application/x-www-form-urlencoded"],
  431: [431, "too-long", "the headers are too large"],
};
const malformed: Answer = [400, "invalid", "the request is malformed"];

/** The answer to an error, whoever threw it. */
export function answerOf(error: unknown): Answer {
  if (error instanceof RequestFailure) return [error.status, error.issue, error.message];
  if (isConnectionLoss(error) || (error instanceof HimsError && error.kind === "unreachable"))
    return [503, "transient", "the database cannot be reached; try again in a few seconds"];
  if (!(error instanceof Error)) return [500, "exception", "internal error"];
  if ("validation" in error && Array.isArray(error.validation))
    return [
      400,
      "invalid",
      "a parameter is unknown, repeated or not valid; /fhir/metadata lists those that are known",
    ];
  const status =
    "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 500;
  if (status >= 500) return [500, "exception", "internal error"];
  return answers[status] ?? malformed;
}

/** For Fastify's `setErrorHandler`. A bug is logged by its class and code alone. */
export function errorHandler(logger: Logger) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const [status, issue, diagnostics] = answerOf(error);
    if (status >= 500) {
      const route = request.routeOptions.url ?? "unmatched";
      logger.error({ status, code: codeOf(error), route }, "request failed");
    }
    if (status === 503) reply.header("retry-after", "5");
    await reply.code(status).type(fhirJson).send(toOperationOutcome(issue, diagnostics));
  };
}

/** For Fastify's `setNotFoundHandler`: what only reads knows no other method than GET (and POST of `_search`). */
export async function unmatchedHandler(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const [status, issue, diagnostics]: Answer = isRead
    ? [404, "not-found", "there is nothing at this address"]
    : [405, "not-supported", "only GET is possible here, and POST to /fhir/Patient/_search"];
  if (!isRead) reply.header("allow", "GET, HEAD");
  await reply.code(status).type(fhirJson).send(toOperationOutcome(issue, diagnostics));
}

/** For requests that are not even HTTP: Node's parser gives up before Fastify sees them. */
export function malformedConnection(
  error: Error & { readonly code?: string },
  socket: Socket,
): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const code = error.code ?? "";
  const status =
    code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
  const [, issue, diagnostics] = answers[status] ?? malformed;
  const body = JSON.stringify(toOperationOutcome(issue, diagnostics));
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status} Bad Request\r\ncontent-type: ${fhirJson}\r\nconnection: close\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
  socket.destroy();
}
