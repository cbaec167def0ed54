/** One export of one facility and the pipeline file that reads it. */
import type { SyntheticFacility } from "./facility-list.ts";
import type { SynthOptions } from "./synth-options.ts";
import type { Tally } from "./tally.ts";

export interface Feed {
  /** Name of the pipeline, and of its file without `.yaml`. */
  readonly pipeline: string;
  readonly facility: SyntheticFacility;
  /** File name inside `exports/<facility>/`. */
  readonly fileName: string;
  readonly encoding: "utf-8" | "windows-1252";
  /** The pipeline file below name, description and facility: `source:` and, for CSV, `record:`, `fields:`, `events:`. */
  readonly rules: string;
  readonly description: string;
  /** Assigning authorities the facility owns; for HL7. */
  readonly authorities: readonly string[];
  /** The export's text in pieces; counts into `tally` as it goes. */
  readonly write: (options: SynthOptions, tally: Tally) => Iterable<string>;
}

/** Path of a feed's export, relative to the output folder. */
export function exportPathOf(feed: Feed): string {
  return `exports/${feed.facility.id}/${feed.fileName}`;
}

/** The whole pipeline file, as an engineer would write it by hand. */
export function pipelineYamlOf(feed: Feed): string {
  const { facility } = feed;
  const authorities =
    feed.authorities.length === 0 ? "" : `\n  authorities: [${feed.authorities.join(", ")}]`;
  return `version: 1
name: ${feed.pipeline}
description: ${feed.description}
facility:
  id: ${facility.id}
  name: ${facility.name}
  ownership: ${facility.ownership}
  kind: ${facility.kind}${authorities}
${feed.rules.replace("$PATH", `../${exportPathOf(feed)}`)}`;
}
