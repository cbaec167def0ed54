import { resolve } from "node:path";
import { string } from "@oclif/core/flags";
import type { EvaluationReport } from "../../pipelines/evaluate.ts";
import { HimsCommand } from "../base-command.ts";

export default class MatchEvaluate extends HimsCommand<EvaluationReport> {
  static override summary = "Judge the store's persons, or a file of clusters, against a truth.";
  static override description =
    "The truth has the columns id and cluster; for the store an id is facility/mrn. With --clusters no workspace is needed.";
  static override examples = ["<%= config.bin %> match evaluate --truth truth.csv"];
  static override flags = {
    truth: string({ description: "CSV with id,cluster.", required: true, helpValue: "T.csv" }),
    clusters: string({
      description: "CSV with id,cluster to judge instead of the store.",
      helpValue: "C.csv",
    }),
  };

  async run(): Promise<EvaluationReport> {
    const { flags } = await this.parse(MatchEvaluate);
    const { evaluateFile, evaluateStore } = await import("../../pipelines/evaluate.ts");
    const truth = resolve(flags.truth);
    if (flags.clusters !== undefined) return evaluateFile(resolve(flags.clusters), truth);
    const { ReaderPool } = await import("../../store/database.ts");
    await using pool = await ReaderPool.open(await this.storeLocation());
    return await evaluateStore(pool.reader, truth);
  }

  protected render({ pairwise, bcubed, clusters, wrongPairs }: EvaluationReport): string {
    return [
      `pairwise  precision ${pairwise.precision}  recall ${pairwise.recall}  F1 ${pairwise.f1}`,
      `B-cubed   precision ${bcubed.precision}  recall ${bcubed.recall}  F1 ${bcubed.f1}`,
      `${clusters} clusters, ${wrongPairs} wrong pairs`,
    ].join("\n");
  }
}
