/** The strings that the cells of a workbook point to, held as bytes: a JavaScript string a piece would take several times the room. */
import { refusedSpreadsheet } from "./archive-failure.ts";
import type { XmlListener } from "./xml-feed.ts";

const pageBytes = 1 << 20;
/** A sheet of a million rows with a name and an address of their own has half of it. */
const maxBytes = 192 * pageBytes;

export class SharedStrings implements XmlListener {
  private readonly file: string;
  private readonly pages: Buffer[] = [];
  private places = new Float64Array(1024);
  private lengths = new Uint32Array(1024);
  private count = 0;
  private at = 0;
  private bytes = 0;
  private parts: string[] = [];
  private depthOfText = 0;
  private inPhonetic = false;

  constructor(file: string) {
    this.file = file;
  }

  /** Null for a number that no string has. */
  get(index: number): string | null {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) return null;
    const place = this.places[index] ?? 0;
    const page = this.pages[Math.floor(place / pageBytes)];
    const start = place % pageBytes;
    return page?.toString("utf8", start, start + (this.lengths[index] ?? 0)) ?? null;
  }

  open(name: string): void {
    if (name === "si") this.parts = [];
    if (name === "rPh") this.inPhonetic = true;
    if (name === "t" && !this.inPhonetic) this.depthOfText += 1;
  }

  text(text: string): void {
    if (this.depthOfText > 0) this.parts.push(text);
  }

  close(name: string): void {
    if (name === "rPh") this.inPhonetic = false;
    else if (name === "t" && this.depthOfText > 0) this.depthOfText -= 1;
    else if (name === "si") this.add(this.parts.join(""));
  }

  private add(text: string): void {
    const length = Buffer.byteLength(text);
    this.bytes += length;
    if (length > pageBytes || this.bytes > maxBytes) throw tooManyStrings(this.file);
    const left = pageBytes - (this.at % pageBytes);
    // A string never lies over two pages.
    if (this.pages.length === 0 || length > left || left === pageBytes) {
      this.at = this.pages.length * pageBytes;
      this.pages.push(Buffer.allocUnsafe(pageBytes));
    }
    this.pages.at(-1)?.write(text, this.at % pageBytes, "utf8");
    if (this.count === this.lengths.length) this.grow();
    this.places[this.count] = this.at;
    this.lengths[this.count] = length;
    this.count += 1;
    this.at += length;
  }

  private grow(): void {
    const places = new Float64Array(this.count * 2);
    places.set(this.places);
    this.places = places;
    const lengths = new Uint32Array(this.count * 2);
    lengths.set(this.lengths);
    this.lengths = lengths;
  }
}

function tooManyStrings(file: string) {
  return refusedSpreadsheet(
    file,
    "its texts are more than fit into memory",
    "Save the sheet as CSV (UTF-8), or split it, and deliver that.",
  );
}
