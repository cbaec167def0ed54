/** Paths in the standard's coordinates: `PID-5.1`, `PID-3[5=MR].1`, `OBX[2]-5`, `PID-11[2].1.2`. */
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import type { Hl7Message } from "./message.ts";
import type { Hl7Repetition } from "./segment.ts";

export interface Hl7Path {
  readonly segment: string;
  readonly occurrence: number;
  readonly field: number;
  /** The repetition's number, or a component and the text it must have. */
  readonly repetition: number | { readonly component: number; readonly text: string };
  readonly component: number;
  readonly subcomponent: number;
}

const pathShape =
  /^([A-Z][A-Z0-9]{2})(?:\[(\d{1,4})\])?-(\d{1,3})(?:\[(?:(\d{1,3})|(\d{1,3})=([^\]]+))\])?(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?$/;

/** Reads a path; numbers count from 1 and default to 1. The reason is `hl7_path_invalid`. */
export function parsePath(text: string): Parsed<Hl7Path, string> {
  const match = pathShape.exec(text);
  if (match === null) return unparsed("hl7_path_invalid");
  const [, segment = "", occurrence, field, number, keyComponent, keyText = "", component, sub] =
    match;
  const path = {
    segment,
    occurrence: position(occurrence),
    field: position(field),
    repetition:
      keyComponent === undefined
        ? position(number)
        : { component: position(keyComponent), text: keyText },
    component: position(component),
    subcomponent: position(sub),
  };
  return path.field === 0 || path.occurrence === 0 ? unparsed("hl7_path_invalid") : parsed(path);
}

function position(digits: string | undefined): number {
  return digits === undefined ? 1 : Number(digits);
}

/** What a path finds: undefined where nothing is said, null where `""` deletes the value. */
export function readPath(message: Hl7Message, path: Hl7Path): string | null | undefined {
  const segment = message.all(path.segment)[path.occurrence - 1];
  const repetitions = segment?.repetitions(path.field) ?? [];
  return chosen(repetitions, path.repetition)?.fact(path.component, path.subcomponent);
}

function chosen(
  repetitions: readonly Hl7Repetition[],
  wanted: Hl7Path["repetition"],
): Hl7Repetition | undefined {
  if (typeof wanted === "number") return repetitions[wanted - 1];
  return repetitions.find((repetition) => repetition.text(wanted.component) === wanted.text);
}
