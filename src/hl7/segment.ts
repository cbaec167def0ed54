/** One segment of a message, split on demand, in the standard's coordinates: MSH-1 is the field separator itself. */
import type { Hl7Delimiters } from "./delimiters.ts";
import { type EscapeContext, unescapeText } from "./escape.ts";

/** HL7's "delete the value": a field that says `""`. */
const explicitNull = '""';

/** One repetition of a field. Components and subcomponents count from 1. */
export class Hl7Repetition {
  /** As it stands in the message, escapes and all. */
  readonly raw: string;
  readonly #context: EscapeContext;

  constructor(raw: string, context: EscapeContext) {
    this.raw = raw;
    this.#context = context;
  }

  get componentCount(): number {
    return this.raw.split(this.#context.delimiters.component).length;
  }

  /** A component's text, unescaped; `""` and nothing both answer null. A composite component answers its first subcomponent. */
  text(component = 1, subcomponent = 1): string | null {
    return this.fact(component, subcomponent) ?? null;
  }

  /** As `text`, but undefined where nothing is said and null where `""` deletes the value. */
  fact(component = 1, subcomponent = 1): string | null | undefined {
    const whole = this.#component(component);
    const { subcomponent: sign } = this.#context.delimiters;
    const part =
      sign === null || !whole.includes(sign) ? whole : whole.split(sign)[subcomponent - 1];
    const single = subcomponent === 1 || part !== whole ? part : "";
    if (single === undefined || single === "") return undefined;
    return single === explicitNull ? null : unescapeText(single, this.#context);
  }

  /** The whole repetition as text, unescaped, component signs kept: for values that are plain text by type (ST, TX, FT). */
  wholeText(): string | null {
    return this.raw === "" || this.raw === explicitNull
      ? null
      : unescapeText(this.raw, this.#context);
  }

  /** Looked for, not split: most fields are asked for one or two of their components. "" where there is none. */
  #component(position: number): string {
    const { component: sign } = this.#context.delimiters;
    let start = 0;
    for (let skipped = 1; skipped < position; skipped += 1) {
      const end = this.raw.indexOf(sign, start);
      if (end === -1) return "";
      start = end + sign.length;
    }
    const end = this.raw.indexOf(sign, start);
    return end === -1 ? this.raw.slice(start) : this.raw.slice(start, end);
  }
}

export class Hl7Segment {
  readonly name: string;
  /** 1-based among the segments of this name in the message. */
  readonly occurrence: number;
  /** The segment as it stands in the message. */
  readonly raw: string;
  readonly #context: EscapeContext;
  #fields: readonly string[] | null = null;

  constructor(raw: string, name: string, occurrence: number, context: EscapeContext) {
    this.raw = raw;
    this.name = name;
    this.occurrence = occurrence;
    this.#context = context;
  }

  get delimiters(): Hl7Delimiters {
    return this.#context.delimiters;
  }

  /** A field as it stands in the message; "" where there is none. */
  field(position: number): string {
    const fields = this.#split();
    if (this.name !== "MSH") return fields[position] ?? "";
    return position === 1 ? this.delimiters.field : (fields[position - 1] ?? "");
  }

  /** The repetitions of a field, empty ones among them so that positions hold; none where the field is empty. */
  repetitions(position: number): readonly Hl7Repetition[] {
    const raw = this.field(position);
    if (raw === "") return [];
    const { repetition } = this.delimiters;
    const isSignField = this.name === "MSH" && position <= 2;
    const parts = repetition === null || isSignField ? [raw] : raw.split(repetition);
    return parts.map((part) => new Hl7Repetition(part, this.#context));
  }

  /** First repetition's component as text; null where nothing is said or `""`. */
  text(position: number, component = 1, subcomponent = 1): string | null {
    return this.#first(position)?.text(component, subcomponent) ?? null;
  }

  /** As `text`, but undefined where nothing is said and null where `""` deletes the value. */
  fact(position: number, component = 1, subcomponent = 1): string | null | undefined {
    return this.#first(position)?.fact(component, subcomponent);
  }

  /** `PID[1]-3`: how people and problems point to a field. */
  coordinate(position: number): string {
    return `${this.name}[${this.occurrence}]-${position}`;
  }

  #first(position: number): Hl7Repetition | null {
    const raw = this.field(position);
    if (raw === "") return null;
    const { repetition } = this.delimiters;
    const end = repetition === null ? -1 : raw.indexOf(repetition);
    return new Hl7Repetition(end === -1 ? raw : raw.slice(0, end), this.#context);
  }

  #split(): readonly string[] {
    this.#fields ??= this.raw.split(this.delimiters.field);
    return this.#fields;
  }
}
