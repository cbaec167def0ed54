/** Runs one command that behaves as its argument says, as bin/hims would run it. For tests of what all commands share. */

import { string } from "@oclif/core/args";
import { Config } from "@oclif/core/config";
import { integer, string as text } from "@oclif/core/flags";
import { HimsCommand } from "../../src/commands/base-command.ts";
import { HimsError } from "../../src/platform/errors.ts";

interface FixtureResult {
  readonly id: bigint;
  readonly columns: readonly string[];
}

const result: FixtureResult = { id: 1152921504606846975n, columns: [] };

class Fixture extends HimsCommand<FixtureResult> {
  static override id = "fixture go";
  static override args = {
    behavior: string({
      required: true,
      options: ["answer", "refuse", "gate", "bug", "file", "wait", "stubborn", "announce", "stray"],
    }),
  };
  static override flags = {
    limit: integer({ min: 1 }),
    column: text({ multiple: true }),
  };

  async run(): Promise<FixtureResult> {
    const { args, flags } = await this.parse(Fixture);
    return await this.#behave(args.behavior, flags.column ?? []);
  }

  protected render({ id, columns }: FixtureResult): string {
    return `id ${id} ${columns.join("+")}`;
  }

  async #behave(behavior: string, columns: readonly string[]): Promise<FixtureResult> {
    if (behavior === "refuse") {
      this.addWarning("no status list at hand");
      this.exitWith(7);
    }
    if (behavior === "gate") {
      throw new HimsError("HIMS_GATE", {
        kind: "gate",
        message: "too many rejects",
        hint: "Look at them.",
        at: { file: "a.csv", line: 3 },
      });
    }
    // As pg does it: the message carries what was in the row.
    if (behavior === "bug")
      throw Object.assign(new RangeError("row (Secret Patient)"), {
        code: "22P02",
        detail: "Secret",
      });
    if (behavior === "file")
      await (await import("node:fs/promises")).readFile("/no/such/export.csv");
    if (behavior === "wait") await this.#untilAborted();
    if (behavior === "stubborn") {
      process.stderr.write("started\n");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    if (behavior === "stray") {
      setTimeout(() => Promise.reject(new Error("Secret Patient")), 1);
      await this.#untilAborted();
    }
    if (behavior === "announce") {
      await this.announce(result);
      throw new Error("after the answer");
    }
    return { ...result, columns };
  }

  async #untilAborted(): Promise<void> {
    process.stderr.write("started\n");
    // As a server's socket would, the timer keeps the process alive.
    const alive = setInterval(() => undefined, 1_000);
    await new Promise<void>((resolve) => this.signal.addEventListener("abort", () => resolve()));
    // Rolling back takes a while.
    await new Promise((resolve) => setTimeout(resolve, 150));
    clearInterval(alive);
    this.signal.throwIfAborted();
  }
}

const pjson = { name: "hims", version: "0.0.0", oclif: { bin: "hims" } };
const config = await Config.load({ root: import.meta.dirname, pjson: pjson as never });
process.exit(await new Fixture(process.argv.slice(2), config).execute());
