/** Secrets of sources stand in the environment or in files of their own, never in a pipeline file: that is committed and mailed. */
import { HimsError } from "../platform/errors.ts";
import type { PipelineFile } from "./pipeline-file.ts";

/**
 * @param resolved every text of the file that came from a reference
 * @throws HimsError HIMS_CONFIG naming the key, never its value
 */
export function refuseLiteralSecrets(pipeline: PipelineFile, resolved: ReadonlySet<string>): void {
  const { source } = pipeline;
  const url = "sql" in source ? source.sql?.url : undefined;
  const secrets = {
    password: source.password,
    passphrase: source.passphrase,
    privateKey: source.privateKey,
    "sql.url": url !== undefined && hasPassword(url) ? url : undefined,
  };
  for (const [key, value] of Object.entries(secrets)) {
    if (value === undefined || resolved.has(value)) continue;
    throw new HimsError("HIMS_CONFIG", {
      kind: "usage",
      message: `source.${key} is written into the pipeline file`,
      hint: `Move it into .env or into a file of mode 0600, and write "\${env:NAME}" or "\${file:PATH}".`,
      at: { file: pipeline.path },
    });
  }
}

function hasPassword(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { password, searchParams } = new URL(url);
  return password !== "" || searchParams.has("password");
}
