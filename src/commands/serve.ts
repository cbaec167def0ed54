import { integer, string } from "@oclif/core/flags";
import type { ServedAddress } from "../api/listening.ts";
import { isLoopbackHost } from "../platform/loopback.ts";
import { readTlsFiles } from "../platform/tls-files.ts";
import { HimsCommand } from "./base-command.ts";

export default class Serve extends HimsCommand<ServedAddress> {
  static override summary = "Serve the FHIR API, /metrics and the card page until interrupted.";
  static override description =
    "A facility sends its files to POST /facilities/ID/uploads with a key of `hims key create --scope upload --facility ID`. Open without a key: /healthz, /metrics (this machine), /openapi.json, /fhir/metadata, /.well-known/*, /C. All else needs a key of `hims key create`.";
  static override examples = ["<%= config.bin %> <%= command.id %> --port 0 --json"];
  static override flags = {
    host: string({ description: "Address to listen on. Default: hims.yaml, else 127.0.0.1." }),
    port: integer({
      description: "Port; 0 picks a free one. Default: hims.yaml, else 8080.",
      min: 0,
      max: 65_535,
    }),
    "tls-cert": string({
      description: "Certificate chain (PEM): serve HTTPS. Needs --tls-key.",
      helpValue: "F",
      dependsOn: ["tls-key"],
    }),
    "tls-key": string({
      description: "Private key of the certificate (PEM).",
      helpValue: "F",
      dependsOn: ["tls-cert"],
    }),
  };

  async run(): Promise<ServedAddress> {
    const { flags } = await this.parse(Serve);
    const config = await this.settings();
    const host = flags.host ?? config.serve.host;
    const tls = readTlsFiles(flags["tls-cert"] ?? null, flags["tls-key"] ?? null);
    if (tls === null && !isLoopbackHost(host)) {
      this.addWarning(
        "other machines may reach this address, and HTTP carries patients and keys in the clear: give --tls-cert and --tls-key, or listen on 127.0.0.1 and put a TLS proxy in front (docs/how-to/serve-behind-tls.md)",
      );
    }
    const { serveUntil } = await import("../api/listening.ts");
    return await serveUntil(
      {
        store: await this.storeLocation(),
        host,
        port: flags.port ?? config.serve.port,
        version: this.config.version,
        logger: await this.logger(),
        tls,
        uploads: {
          filesFolder: this.workspace().filesFolder,
          limitBytes: config.serve.uploadLimitMb * 1_048_576,
        },
      },
      this.signal,
      async (address) => await this.announce(address),
    );
  }

  protected render({ url }: ServedAddress): string {
    return `serving ${url} (stop with Ctrl-C)`;
  }
}
