/** XML parts of a workbook, parsed as they are unpacked. */
import { SaxesParser } from "saxes";
import { HimsError } from "../platform/errors.ts";
import { damagedArchive, refusedSpreadsheet } from "./archive-failure.ts";

/** Names come without their namespace prefix; attributes keep theirs. */
export interface XmlListener {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  text(text: string): void;
}

/** A parser holds a text until it ends. No cell of a spreadsheet comes near this. */
const maxTokenBytes = 16_000_000;

export class XmlFeed {
  private readonly parser = new SaxesParser({ xmlns: false, position: false });
  private readonly file: string;
  private decoder: InstanceType<typeof TextDecoder> | null = null;
  private bytesSinceEvent = 0;

  constructor(file: string, listener: XmlListener) {
    this.file = file;
    const { parser } = this;
    const seen = () => {
      this.bytesSinceEvent = 0;
    };
    parser.on("opentag", (tag) => {
      seen();
      listener.open(localName(tag.name), tag.attributes);
    });
    parser.on("closetag", (tag) => {
      seen();
      listener.close(localName(tag.name));
    });
    parser.on("text", (text) => listener.text(text));
    parser.on("cdata", (text) => listener.text(text));
    // Definitions of entities are how a page of XML unfolds without end; no spreadsheet program writes any.
    parser.on("doctype", () => {
      throw damagedArchive(file);
    });
    parser.on("error", () => {
      // The parser's own text may quote the content.
      throw damagedArchive(file);
    });
  }

  write(bytes: Uint8Array): void {
    this.decoder ??= new TextDecoder(encodingOf(bytes));
    this.bytesSinceEvent += bytes.length;
    this.parse(this.decoder.decode(bytes, { stream: true }));
    if (this.bytesSinceEvent > maxTokenBytes)
      throw refusedSpreadsheet(
        this.file,
        "a cell is far longer than any spreadsheet allows",
        "Ask the sender how the file was made; save it anew in a spreadsheet program.",
      );
  }

  end(): void {
    this.parse(this.decoder?.decode() ?? "");
    this.parser.close();
  }

  private parse(text: string): void {
    if (text === "") return;
    try {
      this.parser.write(text);
    } catch (error) {
      throw error instanceof HimsError || error instanceof TypeError
        ? error
        : damagedArchive(this.file);
    }
  }
}

/** Parses a whole part. */
export async function readXml(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  listener: XmlListener,
): Promise<void> {
  const feed = new XmlFeed(file, listener);
  for await (const chunk of chunks) feed.write(chunk);
  feed.end();
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function encodingOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  return head[0] === 0xfe && head[1] === 0xff ? "utf-16be" : "utf-8";
}
