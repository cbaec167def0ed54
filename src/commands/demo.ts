import { resolve } from "node:path";
import { boolean, integer, string } from "@oclif/core/flags";
import type { DemoReport } from "../pipelines/demo.ts";
import type { RunEntry } from "../pipelines/run-pipelines.ts";
import { HimsCommand } from "./base-command.ts";
import { grouped } from "./text-table.ts";

export default class Demo extends HimsCommand<DemoReport> {
  static override summary =
    "Show it all on synthetic people: unlike hospitals in, persons, cards and an API out.";
  static override description =
    "Makes a workspace with exports of five synthetic facilities, loads and links them, makes QR cards and serves the API until Ctrl-C. An earlier demo in the folder is replaced.";
  static override examples = [
    "<%= config.bin %> demo",
    "<%= config.bin %> demo --people 20000 --no-serve --json",
  ];
  static override flags = {
    dir: string({
      description: "Workspace to leave behind.",
      default: "hims-demo",
      helpValue: "D",
    }),
    people: integer({ description: "How many distinct people.", default: 3_000, min: 1 }),
    seed: integer({ description: "The same seed makes the same people.", default: 1, min: 0 }),
    serve: boolean({ description: "Serve the API at the end.", default: true, allowNo: true }),
    port: integer({
      description: "Port of the API; 0 picks a free one.",
      default: 8_080,
      min: 0,
      max: 65_535,
    }),
  };

  async run(): Promise<DemoReport> {
    const { flags } = await this.parse(Demo);
    const started = performance.now();
    // Synthetic people belong into the demo's own embedded database, whatever database the environment names.
    for (const name of ["DATABASE_URL", "HIMS_DATABASE_URL"]) delete process.env[name];
    const { prepareDemo, runDemo } = await import("../pipelines/demo.ts");
    const folder = resolve(flags.dir);
    const prepared = await prepareDemo({ folder, people: flags.people, seed: flags.seed });
    this.useWorkspace(folder);
    const made = await this.#make(prepared, runDemo);
    const report = { ...made, seconds: Math.round(performance.now() - started) / 1000 };
    return flags.serve ? this.#serve(report, flags.port) : report;
  }

  async #make(
    prepared: { files: readonly string[] },
    runDemo: typeof import("../pipelines/demo.ts").runDemo,
  ) {
    await using context = await this.openRunContext();
    const { report, outcome } = await runDemo(prepared, context);
    if (outcome.failures.length > 0) this.exitWith(6);
    return report;
  }

  async #serve(report: DemoReport, port: number): Promise<DemoReport> {
    const { serveUntil } = await import("../api/listening.ts");
    const options = {
      store: await this.storeLocation(),
      host: "127.0.0.1",
      port,
      version: this.config.version,
      logger: await this.logger(),
    };
    let served = report;
    await serveUntil(options, this.signal, async ({ url }) => {
      served = { ...report, url };
      await this.announce(served);
    });
    return served;
  }

  protected render(report: DemoReport): string {
    const { persons, link, matching, cards } = report;
    const lines = [
      `HIMS demo: synthetic Delhi facilities (no real people), everything under ${report.workspace}`,
      ...report.runs.map(runLine),
      `people      ${grouped(persons?.total ?? 0)} from the records of all facilities (${grouped(persons?.joined ?? 0)} records joined), ${link?.seconds ?? 0} s`,
      `            against the known truth: precision ${matching.precision}, recall ${matching.recall}`,
      `cards       ${grouped(cards.made)} QR cards in ${report.workspace}/cards, ${cards.seconds} s`,
      `done in ${report.seconds} s`,
    ];
    if (report.url === null)
      return [...lines, `next: bin/hims serve --workspace ${report.workspace}`].join("\n");
    return [
      ...lines,
      `API         ${report.url}/fhir/Patient?name=devi   key ${report.apiKey}   (Ctrl-C stops it)`,
    ].join("\n");
  }
}

function runLine(run: RunEntry): string {
  const counts = `read ${grouped(run.read)} = loaded ${grouped(run.loaded)} + unchanged ${grouped(run.unchanged)} + quarantined ${grouped(run.quarantined)}`;
  return `${run.pipeline.padEnd(18)}${counts}`;
}
