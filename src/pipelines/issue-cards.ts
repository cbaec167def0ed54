/**
 * Persons -> cards -> files. Cards are issued in one transaction; their files are made from the store, so that a batch
 * broken off is finished by the next command with the same cards, and appear by rename only.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CardSerial, cutCardName, makeCardSerial } from "../cards/card.ts";
import { type ComposedFace, composeFace } from "../cards/card-face.ts";
import { renderBack, renderFronts } from "../cards/card-pdf.ts";
import { type CardLayout, cardSheet } from "../cards/card-sheet.ts";
import { cardTokenUrl, signCardToken } from "../cards/card-token.ts";
import { readQrMatrix } from "../cards/qr-reading.ts";
import { makeTypesetter, type Typesetter } from "../cards/text-shaping.ts";
import { dayIn } from "../platform/calendar-day.ts";
import { neutralLine } from "../platform/csv-output.ts";
import { HimsError } from "../platform/errors.ts";
import type { RunId } from "../platform/ids.ts";
import {
  type BatchCard,
  type BatchFile,
  type CardBatch,
  type CardCandidate,
  type CardSelection,
  findOpenBatch,
  finishBatch,
  listBatchCards,
  listCardCandidates,
  type NewCard,
  type StoredFace,
  saveBatch,
  takenSerials,
} from "../store/cards.ts";
import { endRun, openRun } from "../store/runs.ts";
import { loadCardFonts } from "./card-fonts.ts";
import { issuingKey } from "./card-key-files.ts";
import { drawDistinct } from "./distinct-draw.ts";
import { newRunId, type RunContext } from "./run-context.ts";

export interface IssueOptions {
  readonly layout: CardLayout;
  /** Folder for the files; made where it is missing. */
  readonly out: string;
  readonly selection: CardSelection;
}

/** `data` of `hims card make --json`. */
export interface IssueResult {
  /** Null when nobody needed a card. */
  readonly batch: string | null;
  readonly cards: number;
  /** Pages with fronts; the static back is a file of its own. */
  readonly pages: number;
  readonly files: readonly BatchFile[];
  readonly manifest: string | null;
  /** From the first read of the store to the last file on the disk, without the check. */
  readonly seconds: number;
  readonly cardsPerSecond: number;
  /** Every QR read back from the very bits that are printed. */
  readonly check: { readonly seconds: number };
  readonly held: Readonly<Record<string, number>>;
}

const cardsPerFile = 1_000;

/** Makes cards for everyone who needs one; one issuer at a time. */
export async function issueCards(options: IssueOptions, context: RunContext): Promise<IssueResult> {
  makeFolder(options.out);
  const runId = newRunId(context.clock);
  const run = await openRun(context.database, {
    runId,
    pipeline: "cards",
    kind: "cards",
    facilityId: null,
    slot: runId,
    worker: context.worker,
    startedAt: context.clock.now(),
  });
  try {
    const result = await new Issuer(options, context, runId).issue();
    await endRun(context.database, run, {
      status: "succeeded",
      endedAt: context.clock.now(),
      detail: { cards: result.cards },
    });
    return result;
  } catch (error) {
    // What broke is told by the caller; the ledger only notes that it did.
    await endRun(context.database, run, {
      status: "failed",
      endedAt: context.clock.now(),
      detail: {},
    }).catch(() => undefined);
    throw error;
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new HimsError("HIMS_OUT_FOLDER", {
      kind: "usage",
      message: "the folder for the cards cannot be made",
      hint: "Give --out a folder that this user may write to. No card was issued.",
      at: { file: path },
      cause: error,
    });
  }
}

class Issuer {
  private readonly options: IssueOptions;
  private readonly context: RunContext;
  private readonly runId: RunId;
  private checkMs = 0;
  private typesetter: Typesetter | null = null;

  constructor(options: IssueOptions, context: RunContext, runId: RunId) {
    this.options = options;
    this.context = context;
    this.runId = runId;
  }

  async issue(): Promise<IssueResult> {
    const started = performance.now();
    this.typesetter = makeTypesetter(await loadCardFonts());
    const unfinished = await findOpenBatch(this.context.database.writer);
    const { batch, held } =
      unfinished === null ? await this.newBatch() : { batch: unfinished, held: {} };
    if (batch === null) return this.nothing(held, started);
    const made = await this.makeFiles(this.movedHere(batch), this.typesetter);
    await this.context.database.transaction((tx) => finishBatch(tx, batch.batchId, made));
    const seconds = (performance.now() - started - this.checkMs) / 1000;
    const cards = made.pages.length;
    return {
      batch: batch.batchId,
      cards,
      pages: made.pageCount,
      files: made.files,
      manifest: made.files.at(-1)?.path ?? null,
      seconds: round(seconds),
      cardsPerSecond: Math.round(cards / seconds),
      check: { seconds: round(this.checkMs / 1000) },
      held,
    };
  }

  /** A batch that was broken off in another folder is made in this one, under numbers that are free here. */
  private movedHere(batch: CardBatch): CardBatch {
    const { out } = this.options;
    return batch.out === out ? batch : { ...batch, out, firstFile: nextFileNumber(out) };
  }

  private nothing(held: Readonly<Record<string, number>>, started: number): IssueResult {
    const seconds = round((performance.now() - started) / 1000);
    return {
      batch: null,
      cards: 0,
      pages: 0,
      files: [],
      manifest: null,
      seconds,
      cardsPerSecond: 0,
      check: { seconds: 0 },
      held,
    };
  }

  /** Signs and saves cards for all candidates that are not held back. Null: there is none. */
  private async newBatch(): Promise<{
    batch: CardBatch | null;
    held: Readonly<Record<string, number>>;
  }> {
    const { clock, config, database } = this.context;
    const issuedOn = dayIn(clock.now(), config.timezone);
    const key = await issuingKey(this.context, issuedOn);
    const { held, faces } = this.sort(
      await listCardCandidates(database.writer, this.options.selection),
    );
    if (faces.length === 0) return { batch: null, held };
    // Of a million draws from 2^32 about a hundred meet another.
    const serials = await drawDistinct(
      faces.length,
      () => makeCardSerial(randomBytes),
      (drawn) => takenSerials(database.writer, drawn),
    );
    const cards = faces.map(({ candidate, face }, index): NewCard => {
      const serial = serials[index];
      if (serial === undefined) throw new Error("fewer serials were drawn than cards are made");
      const { personId, healthId, nextIssue } = candidate;
      const { birthYear, sex } = face;
      const name = cutCardName(face.name).name;
      const token = signCardToken(
        { healthId, name, birthYear, sex, serial, issuedOn, expiresOn: null },
        key,
      );
      return {
        ...face,
        personId,
        healthId,
        serial,
        issue: nextIssue,
        kid: key.publicKey.kid,
        token,
        issuedOn,
      };
    });
    const { layout, out } = this.options;
    const batch = { batchId: `B${this.runId}`, layout, out, firstFile: nextFileNumber(out) };
    const start = { ...batch, runId: this.runId, createdAt: clock.now(), held };
    await database.transaction((tx) => saveBatch(tx, start, cards));
    return { batch, held };
  }

  /** Who gets a card, and who is held back for which reason. */
  private sort(candidates: readonly CardCandidate[]) {
    const held: Record<string, number> = {};
    const faces: { readonly candidate: CardCandidate; readonly face: StoredFace }[] = [];
    for (const candidate of candidates) {
      const face = faceOf(candidate);
      const reason = candidate.held ?? (face === null ? "name_missing" : this.unprintable(face));
      if (reason === null && face !== null) faces.push({ candidate, face });
      else if (reason !== null) held[reason] = (held[reason] ?? 0) + 1;
    }
    return { held, faces };
  }

  /** Null when the name can be set in our fonts. */
  private unprintable(face: StoredFace): string | null {
    const shaped = this.typesetter?.shape(face.name, "strong") ?? null;
    return shaped === null ? "name_unsupported" : null;
  }

  private async makeFiles(batch: CardBatch, typesetter: Typesetter) {
    const files: BatchFile[] = [];
    const pages: { seq: number; file: string; page: number }[] = [];
    const manifest = ["seq,file,page,slot,serial,kid,flags\n"];
    let pageCount = 0;
    const perPage = cardSheet(batch.layout).slots.length;
    const title = `Health cards ${batch.batchId}`;
    for (let fileNumber = 1; ; fileNumber += 1) {
      this.context.signal.throwIfAborted();
      const cards = await listBatchCards(this.context.database.writer, batch.batchId, {
        after: (fileNumber - 1) * cardsPerFile,
        limit: cardsPerFile,
      });
      if (cards.length === 0) break;
      const name = frontsName(batch.firstFile + fileNumber - 1);
      const composed = cards.map((card) => this.compose(card, typesetter));
      for (const [index, face] of composed.entries()) {
        const card = cards[index];
        if (card === undefined) continue;
        const page = Math.floor(index / perPage) + 1;
        pages.push({ seq: card.seq, file: name, page });
        const slot = (index % perPage) + 1;
        const cells = [card.seq, name, page, slot, card.serial, card.kid, face.flags.join(" ")];
        manifest.push(neutralLine(cells.map(String), ",", "\n"));
      }
      pageCount += Math.ceil(cards.length / perPage);
      files.push(
        await this.write(name, renderFronts(composed, typesetter, { title, layout: batch.layout })),
      );
      this.context.progress.report({
        stage: "cards",
        done: pages.length,
        total: null,
        unit: "cards",
      });
    }
    files.push(
      await this.write("back.pdf", [
        renderBack(typesetter, { title: "Health card, back", layout: batch.layout }),
      ]),
    );
    files.push(
      await this.write(`manifest-${batch.batchId}.csv`, [
        Buffer.from(manifest.join("")),
        Buffer.from(
          files
            .map(({ path, sha256 }) => `# ${sha256}  ${path.slice(this.options.out.length + 1)}\n`)
            .join(""),
        ),
      ]),
    );
    return { files, pages, pageCount };
  }

  private compose(card: BatchCard, typesetter: Typesetter): ComposedFace {
    const { name, nameLocal, sex, birthYear } = card.face;
    const url = cardTokenUrl(card.token, this.context.config.cards.host);
    const composed = composeFace(
      {
        healthId: card.healthId,
        name,
        nameLocal,
        sex,
        birthYear,
        serial: card.serial as CardSerial,
        issuedOn: card.issuedOn,
        expiresOn: null,
        url,
      },
      typesetter,
    );
    if (!composed.ok)
      throw new Error(`card ${card.serial} cannot be composed: ${composed.reasons.join(", ")}`);
    this.check(card, composed.value, url);
    return composed.value;
  }

  /** The matrix that is printed must say exactly what was signed; a card that fails stops its file. */
  private check(card: BatchCard, face: ComposedFace, url: string): void {
    const started = performance.now();
    const read = readQrMatrix(face.qr.matrix);
    this.checkMs += performance.now() - started;
    if (read === url) return;
    throw new HimsError("HIMS_CARD_UNREADABLE", {
      kind: "check",
      message: `the QR of card ${card.serial} does not read back as what was signed`,
      hint: "No file of this part was written. Report this with the serial.",
    });
  }

  /** Temporary name, fsync, rename, fsync of the folder: a file that is there is whole. */
  private async write(
    name: string,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<BatchFile> {
    const path = join(this.options.out, name);
    const draft = `${path}.part`;
    const digest = createHash("sha256");
    let bytes = 0;
    const file = await open(draft, "w", 0o600);
    try {
      for await (const chunk of chunks) {
        digest.update(chunk);
        bytes += chunk.length;
        // Unlike write(), this goes on until all of it is written or fails: a full disk must not leave a cut file.
        await file.appendFile(chunk);
      }
      await file.sync();
    } catch (error) {
      await file.close();
      await rm(draft, { force: true });
      throw error;
    }
    await file.close();
    await rename(draft, path);
    const folder = await open(this.options.out, "r");
    await folder.sync();
    await folder.close();
    return { path, sha256: digest.digest("hex"), bytes };
  }
}

const frontsFile = /^fronts-(\d{4,})\.pdf$/;

function frontsName(number: number): string {
  return `fronts-${String(number).padStart(4, "0")}.pdf`;
}

/** The first number that no batch in this folder has used: what was handed to the printer is never overwritten. */
function nextFileNumber(folder: string): number {
  const numbers = readdirSync(folder).map((name) => Number(frontsFile.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers) + 1;
}

function faceOf(candidate: CardCandidate): StoredFace | null {
  const { name, nameLocal = null, sex = null, birthYear = null } = candidate;
  if (name === null) return null;
  return { name, nameLocal: nameLocal === name ? null : nameLocal, sex, birthYear };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
