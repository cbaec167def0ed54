/**
 * HL7 messages in quarantine: given out each in a batch of its own (BHS, BTS), whose control id (BHS-11) is the row id, so that
 * a mended message is known again. Batch segments are layout to every reader of HL7.
 */
import { readContent, type SourceFile } from "../connectors/connector.ts";
import { readStretches, streamArchivedBytes } from "../store/archived-text.ts";
import type { findItems, MendedItem, WaitingItem } from "../store/quarantine-mending.ts";
import { rowIdOf } from "./quarantine-row-id.ts";
import { ReplayedItems, type ReplayFiles } from "./replayed-items.ts";
import { itemOfRow, type NotReplayedLine } from "./returned-rows.ts";
import type { RunContext } from "./run-context.ts";

const batchHeader = /^BHS\|\^~\\&(?:\|[^|]*){8}\|(Q\d{1,18}-[0-9A-Z]{4})\|?\s*$/;

/** The archived bytes of each item; UTF-16 is given as UTF-8. */
export async function messageBytes(
  items: readonly WaitingItem[],
  { database, storeKey }: Pick<RunContext, "database" | "storeKey">,
): Promise<ReadonlyMap<WaitingItem, Buffer>> {
  const messages = new Map<WaitingItem, Buffer>();
  for (const [fileId, own] of Map.groupBy(items, ({ text }) => text.fileId)) {
    const bytes = streamArchivedBytes(database.writer, storeKey, fileId);
    const stretches = own.map((item) => ({ ...item.text, item }));
    for (const [{ item }, found] of await readStretches(bytes, stretches))
      messages.set(item, narrow(found));
  }
  return messages;
}

function narrow(bytes: Buffer): Buffer {
  const wide = /^\ufeff?M\u0000S\u0000H\u0000/.test(
    bytes.toString("latin1").replace(/^\xff\xfe/, ""),
  );
  return wide ? Buffer.from(new TextDecoder("utf-16le").decode(bytes)) : bytes;
}

/** A message as it is given out, segments ended by CR as HL7 has it. */
export function wrappedMessage(item: WaitingItem, message: Buffer): Buffer {
  const text = segmentsOf(message).join("\r");
  return Buffer.from(`BHS|^~\\&|||||||||${rowIdOf(item)}\r${text}\rBTS|1\r`, "latin1");
}

export interface ReturnedMessages {
  readonly rowIds: readonly string[];
  match(
    items: Awaited<ReturnType<typeof findItems>>,
    pipeline: string,
  ): { files: ReplayFiles; notReplayed: readonly NotReplayedLine[] };
}

interface Returned {
  readonly rowId: string;
  readonly line: number;
  readonly segments: string[];
}

/** What a file of wrapped messages holds; null when the file is none. */
export async function returnedMessages(
  file: SourceFile,
  signal: AbortSignal,
): Promise<ReturnedMessages | null> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readContent(file, signal)) {
    if (chunks.length === 0 && !Buffer.from(chunk).toString("latin1").startsWith("BHS|"))
      return null;
    chunks.push(chunk);
  }
  const messages = unwrap(segmentsOf(Buffer.concat(chunks)));
  return {
    rowIds: messages.map(({ rowId }) => rowId),
    match: (items, pipeline) => match(file, messages, { items, pipeline }),
  };
}

function unwrap(segments: readonly string[]): readonly Returned[] {
  const messages: Returned[] = [];
  let open: Returned | null = null;
  for (const [index, segment] of segments.entries()) {
    const rowId = batchHeader.exec(segment)?.[1];
    if (rowId !== undefined) {
      open = { rowId, line: index + 1, segments: [] };
      messages.push(open);
    } else if (segment.startsWith("BTS")) open = null;
    else open?.segments.push(segment);
  }
  return messages;
}

function match(
  file: SourceFile,
  messages: readonly Returned[],
  known: { items: Awaited<ReturnType<typeof findItems>>; pipeline: string },
): { files: ReplayFiles; notReplayed: readonly NotReplayedLine[] } {
  const notReplayed: NotReplayedLine[] = [];
  const ids = new Set<string>();
  const found: { id: string; segments: readonly string[] }[] = [];
  for (const { rowId, line, segments } of messages) {
    const item = itemOfRow(rowId, known.items, known.pipeline);
    const note = (reason: NotReplayedLine["reason"]) =>
      void notReplayed.push({ line, row: rowId, reason });
    if (typeof item === "string") {
      note(item);
      continue;
    }
    if (ids.has(item.id)) note("repeated");
    else if (!isOneMessage(segments)) note("not_one_message");
    else found.push({ id: item.id, segments });
    ids.add(item.id);
  }
  return { files: { items: filesOf(file, found, true), ids }, notReplayed };
}

/** The archived messages of items, to be read again as they are. What is no message waits for the sender. */
export async function archivedMessages(
  items: readonly WaitingItem[],
  context: RunContext,
): Promise<ReplayFiles["items"]> {
  const files = new Map<SourceFile, ReplayedItems>();
  for (const [name, own] of Map.groupBy(items, ({ fileName }) => fileName)) {
    const found = [...(await messageBytes(own, context))]
      .map(([{ id }, bytes]) => ({ id, segments: segmentsOf(bytes) }))
      .filter(({ segments }) => isOneMessage(segments));
    const file = { path: name, name, bytes: 0, modifiedAt: context.clock.now() };
    for (const [key, replayed] of filesOf(file, found, false)) files.set(key, replayed);
  }
  return files;
}

function filesOf(
  file: SourceFile,
  messages: readonly { readonly id: string; readonly segments: readonly string[] }[],
  byHand: boolean,
): ReadonlyMap<SourceFile, ReplayedItems> {
  if (messages.length === 0) return new Map();
  const itemOfLine = new Map<number, MendedItem>();
  let offset = 0;
  let line = 1;
  const parts = messages.map(({ id, segments }) => {
    const part = Buffer.from(`${segments.join("\r")}\r`, "latin1");
    itemOfLine.set(line, { id, offset, length: part.length });
    offset += part.length;
    line += segments.length;
    return part;
  });
  const text = Buffer.concat(parts);
  const content = async function* () {
    yield text;
  };
  const replayed = new ReplayedItems(itemOfLine, byHand);
  return new Map([[{ ...file, bytes: text.length, content }, replayed]]);
}

/** Lines of bytes whatever ends them, without blank ones; latin1 keeps every byte. */
function segmentsOf(bytes: Buffer): readonly string[] {
  return bytes
    .toString("latin1")
    .split(/\r\n|\r|\n/)
    .filter((segment) => segment.trim() !== "");
}

/** Nothing in it may be taken for a second record: each line is a segment, and the first alone begins a message. */
function isOneMessage(segments: readonly string[]): boolean {
  const [first, ...rest] = segments;
  if (first?.startsWith("MSH") !== true) return false;
  return rest.every((segment) => /^(?!MSH|[BF][HT]S)[A-Z][A-Z0-9]{2}/.test(segment));
}
