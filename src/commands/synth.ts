import { resolve } from "node:path";
import { string as stringArg } from "@oclif/core/args";
import { integer, string } from "@oclif/core/flags";
import type { WrittenFile } from "../pipelines/write-synthetic.ts";
import { HimsError } from "../platform/errors.ts";
import { HimsCommand } from "./base-command.ts";
import { grouped, textTable } from "./text-table.ts";

interface SynthResult {
  /** Absolute. */
  readonly dir: string;
  readonly people: number;
  readonly seed: number;
  readonly files: readonly WrittenFile[];
}

export default class Synth extends HimsCommand<SynthResult> {
  static override summary = "Write exports of made-up hospitals, with the truth about who is who.";
  static override description =
    "CSV and HL7 exports, the pipelines that read them, truth.csv (id,cluster) and expected.json, into an empty folder. Needs no workspace. The same options give the same bytes.";
  static override examples = ["<%= config.bin %> synth city --people 10000 --seed 7"];
  static override args = {
    dir: stringArg({ description: "A new or empty folder.", required: true }),
  };
  static override flags = {
    people: integer({ description: "Distinct humans.", default: 1_000, min: 1, helpValue: "N" }),
    seed: integer({
      description: "Another seed makes another city.",
      default: 1,
      min: 0,
      max: 4_294_967_295,
      helpValue: "N",
    }),
    duplicates: string({
      description: "Extra records a person has on average, from 0 to 4.",
      helpValue: "R",
    }),
  };

  async run(): Promise<SynthResult> {
    const { args, flags } = await this.parse(Synth);
    const { synthDay, writeSynthetic } = await import("../pipelines/write-synthetic.ts");
    const dir = resolve(args.dir);
    const { people, seed } = flags;
    const rate = flags.duplicates === undefined ? {} : { duplicates: rateOf(flags.duplicates) };
    const options = { people, seed, today: synthDay, ...rate };
    const ends = { signal: this.signal, progress: this.progress };
    return { dir, people, seed, files: await writeSynthetic(dir, options, ends) };
  }

  protected render({ dir, people, files }: SynthResult): string {
    const rows = files.map(({ path, bytes }) => [path, bytes] as const);
    return `${textTable([["file", "bytes"], ...rows])}\n${grouped(people)} people in ${dir}`;
  }
}

function rateOf(text: string): number {
  const rate = /^\d+(\.\d+)?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (rate >= 0 && rate <= 4) return rate;
  throw new HimsError("HIMS_USAGE", {
    kind: "usage",
    message: "--duplicates is not a number from 0 to 4",
    hint: "1.2, the default, gives a person about 2.2 records.",
  });
}
