import { resolve } from "node:path";
import { text as streamText } from "node:stream/consumers";
import { string as stringArg } from "@oclif/core/args";
import { string } from "@oclif/core/flags";
import type { CardVerification } from "../../cards/card-verification.ts";
import { systemClock } from "../../platform/clock.ts";
import { HimsCommand } from "../base-command.ts";

export default class CardVerify extends HimsCommand<CardVerification> {
  static override summary = "Say whether a card is genuine and still good.";
  static override description =
    "Takes the text of the QR, or - for standard input. Exits with 7 when the card is refused. Genuine is the card, not whoever holds it.";
  static override examples = [
    "<%= config.bin %> card verify - < qr.txt",
    "<%= config.bin %> card verify 'HTTPS://...' --keys hims-card-keys.json",
  ];
  static override args = {
    text: stringArg({ description: "Text of the QR, or - for standard input.", required: true }),
  };
  static override flags = {
    keys: string({
      description: "Published key set; then no workspace is needed.",
      helpValue: "FILE",
    }),
  };

  async run(): Promise<CardVerification> {
    const { args, flags } = await this.parse(CardVerify);
    const text = args.text === "-" ? await streamText(process.stdin) : args.text;
    const answer =
      flags.keys === undefined ? await this.#inStore(text) : await this.#offline(text, flags.keys);
    if (answer.status === "unchecked" && answer.valid)
      this.addWarning("the signature is good; whether the card was blocked since was not checked");
    if (!answer.valid) this.exitWith(7);
    return answer;
  }

  async #offline(text: string, keys: string): Promise<CardVerification> {
    const { readKeySetFile, verifyOffline } = await import("../../pipelines/verify-card.ts");
    return verifyOffline(text, readKeySetFile(resolve(keys)), systemClock.now());
  }

  async #inStore(text: string): Promise<CardVerification> {
    const { verifyInStore } = await import("../../pipelines/verify-card.ts");
    const { ReaderPool } = await import("../../store/database.ts");
    await using pool = await ReaderPool.open(await this.storeLocation());
    return await verifyInStore(text, pool.reader, systemClock.now());
  }

  protected render(answer: CardVerification): string {
    if (!answer.valid) return `refused: ${answer.reason}`;
    return `genuine: card ${answer.serial} of health ID ${answer.healthId}, issued ${answer.issuedAt}, status ${answer.status}`;
  }
}
