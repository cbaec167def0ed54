/** The JSON schema of pipeline files, with which editors complete and check them. */
import { z } from "zod";
import { pipelineSchema } from "./pipeline-file.ts";

export function pipelineJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    title: "A pipeline of HIMS: one feed of one facility",
    ...z.toJSONSchema(pipelineSchema, { io: "input", unrepresentable: "any" }),
  };
}
