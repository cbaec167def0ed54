/**
 * Card fronts as a PDF, one CR80 front a page, and the static back as its own file. Streamed: chunks come out while faces go in.
 * The same faces give the same bytes, so that a batch can be made again and compared.
 */
import { drawBack } from "./card-back.ts";
import { type ComposedFace, dotsPerInch, type QrPlace } from "./card-face.ts";
import { drawFront } from "./card-front.ts";
import { type CardLayout, type CardSheet, cardSheet } from "./card-sheet.ts";
import { PdfDrawer, pagePoints } from "./pdf-drawing.ts";
import { GlyphUsage, writeFonts } from "./pdf-fonts.ts";
import { PdfWriter, pdfNumber, pdfText } from "./pdf-writer.ts";
import type { ShapedWord, Typesetter } from "./text-shaping.ts";

export interface CardPdfOptions {
  /** The document's title, e.g. the batch; no person's name. */
  readonly title: string;
  /** `cr80` (one card a page) unless said otherwise; `a4` has ten. */
  readonly layout?: CardLayout;
}

/** A chunk is handed out when this many bytes wait. */
const chunkBytes = 1 << 18;

/** Renders composed faces in their order. One call is one file; fonts are subset and embedded once, at its end. */
export async function* renderFronts(
  faces: AsyncIterable<ComposedFace> | Iterable<ComposedFace>,
  typesetter: Typesetter,
  options: CardPdfOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const file = new CardPdf(typesetter, options);
  file.useForm(file.draw(drawFront(typesetter)));
  let page: ComposedFace[] = [];
  for await (const face of faces) {
    page.push(face);
    if (page.length < file.sheet.slots.length) continue;
    file.addPage(page);
    page = [];
    if (file.writer.pending >= chunkBytes) yield file.writer.take();
  }
  if (page.length > 0) file.addPage(page);
  yield file.finish();
}

/** The back, a file of one page: one card, or a whole sheet for the other side of A4. */
export function renderBack(typesetter: Typesetter, options: CardPdfOptions): Uint8Array {
  const file = new CardPdf(typesetter, options);
  file.useForm(file.draw(drawBack(typesetter)));
  file.addPage(file.sheet.slots.map(() => null));
  return file.finish();
}

const cardBox = boxOf(pagePoints);
/** Pages under one node of the page tree. */
const pagesPerNode = 200;

class CardPdf {
  readonly writer = new PdfWriter();
  readonly sheet: CardSheet;
  readonly #typesetter: Typesetter;
  readonly #options: CardPdfOptions;
  readonly #drawer: PdfDrawer;
  readonly #usage = new GlyphUsage();
  readonly #note = (word: ShapedWord) => this.#usage.note(word);
  readonly #catalog = this.writer.reserve();
  readonly #pages = this.writer.reserve();
  readonly #fonts = this.writer.reserve();
  readonly #form = this.writer.reserve();
  readonly #nodes: { readonly number: number; readonly count: number }[] = [];
  #node = 0;
  #kids: number[] = [];

  constructor(typesetter: Typesetter, options: CardPdfOptions) {
    this.#typesetter = typesetter;
    this.#options = options;
    this.#drawer = new PdfDrawer(typesetter.fonts);
    this.sheet = cardSheet(options.layout ?? "cr80");
  }

  draw(drawing: Parameters<PdfDrawer["draw"]>[0]): string {
    return this.#drawer.draw(drawing, this.#note);
  }

  /** What every page shows. */
  useForm(operators: string): void {
    const entries = `/Type/XObject/Subtype/Form/BBox${cardBox}/Resources<</Font ${this.#fonts} 0 R>>`;
    this.writer.stream(this.#form, entries, operators);
  }

  /** A page of at most as many cards as the sheet has slots; null draws only what every card shows. */
  addPage(faces: readonly (ComposedFace | null)[]): void {
    const page = this.#beginPage();
    const content = this.writer.reserve();
    let operators = this.sheet.marks;
    let images = "";
    for (const [index, face] of faces.entries()) {
      const slot = this.sheet.slots[index] ?? { x: 0, y: 0 };
      operators += `q 1 0 0 1 ${pdfNumber(slot.x)} ${pdfNumber(slot.y)} cm\n/S Do\n`;
      if (face !== null) {
        images += `/Q${index} ${this.#writeQr(face.qr)} 0 R`;
        operators += this.#drawer.drawTexts(face.texts, this.#note) + qrOperators(face.qr, index);
      }
      operators += "Q\n";
    }
    this.writer.stream(content, "", operators);
    this.writer.object(
      page,
      `<</Type/Page/Parent ${this.#node} 0 R/TrimBox${boxOf(this.sheet)}/Contents ${content} 0 R` +
        `/Resources<</Font ${this.#fonts} 0 R/XObject<</S ${this.#form} 0 R${images}>>>>>>`,
    );
  }

  finish(): Uint8Array {
    this.#endNode();
    const { writer } = this;
    const info = writer.reserve();
    const count = this.#nodes.reduce((sum, node) => sum + node.count, 0);
    const kids = this.#nodes.map((node) => `${node.number} 0 R`).join(" ");
    writeFonts(writer, this.#fonts, this.#typesetter.fonts, this.#usage);
    writer.object(
      this.#pages,
      `<</Type/Pages/Count ${count}/MediaBox${boxOf(this.sheet)}/Kids[${kids}]>>`,
    );
    // Printed at its real size: a card shrunk to fit has modules that miss the printer's dots.
    writer.object(
      this.#catalog,
      `<</Type/Catalog/Pages ${this.#pages} 0 R/Lang(en-IN)/ViewerPreferences<</PrintScaling/None>>>>`,
    );
    writer.object(info, `<</Title${pdfText(this.#options.title)}/Producer(HIMS)>>`);
    return writer.finish(this.#catalog, info);
  }

  #beginPage(): number {
    if (this.#kids.length === pagesPerNode) this.#endNode();
    if (this.#kids.length === 0) this.#node = this.writer.reserve();
    const page = this.writer.reserve();
    this.#kids.push(page);
    return page;
  }

  #endNode(): void {
    const count = this.#kids.length;
    if (count === 0) return;
    const kids = this.#kids.map((page) => `${page} 0 R`).join(" ");
    this.writer.object(
      this.#node,
      `<</Type/Pages/Parent ${this.#pages} 0 R/Count ${count}/Kids[${kids}]>>`,
    );
    this.#nodes.push({ number: this.#node, count });
    this.#kids = [];
  }

  /** One bit a module, painted with the current ink where it is 1. */
  #writeQr({ matrix }: QrPlace): number {
    const number = this.writer.reserve();
    const { size, bits } = matrix;
    const entries = `/Type/XObject/Subtype/Image/Width ${size}/Height ${size}/ImageMask true/BitsPerComponent 1/Decode[1 0]`;
    this.writer.stream(number, entries, bits);
    return number;
  }
}

const pointsPerDot = 72 / dotsPerInch;
/**
 * The image is a fiftieth of a dot smaller on each side than its dots: renderers that paint every pixel an image touches
 * would else add a row of dots where a coordinate is rounded upwards.
 */
const insetDots = 0.02;

function qrOperators({ matrix, leftDots, topDots, moduleDots }: QrPlace, index: number): string {
  const sideDots = matrix.size * moduleDots;
  const side = pdfNumber((sideDots - 2 * insetDots) * pointsPerDot);
  const left = pdfNumber((leftDots + insetDots) * pointsPerDot);
  const bottom = pdfNumber(pagePoints.height - (topDots + sideDots - insetDots) * pointsPerDot);
  return `q 0 0 0 1 k ${side} 0 0 ${side} ${left} ${bottom} cm /Q${index} Do Q\n`;
}

function boxOf(size: { readonly width: number; readonly height: number }): string {
  return `[0 0 ${pdfNumber(size.width)} ${pdfNumber(size.height)}]`;
}
