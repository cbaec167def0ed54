/** Searchset bundles: resources found, those shown with them, and links to turn the page. */
import { type Json, present, type Resource } from "./resource.ts";

export interface BundlePage {
  /** Base of all URLs, such as `http://127.0.0.1:8080/fhir`. */
  readonly base: string;
  /** Number of matches on all pages. */
  readonly total: number;
  /** Absolute URLs; null where there is no further page. */
  readonly self: string;
  readonly next: string | null;
  readonly matches: readonly Resource[];
  /** Resources that matches refer to and that are not matches of this page. */
  readonly included: readonly Resource[];
}

export type Bundle = Readonly<Record<string, Json>>;

export function toSearchset(page: BundlePage): Bundle {
  const entry = (mode: "match" | "include") => (found: Resource) => ({
    fullUrl: `${page.base}/${found.resourceType}/${found.id}`,
    resource: found,
    search: { mode },
  });
  return {
    resourceType: "Bundle",
    type: "searchset",
    total: page.total,
    ...present({
      link: [
        { relation: "self", url: page.self },
        page.next === null ? null : { relation: "next", url: page.next },
      ],
      entry: [...page.matches.map(entry("match")), ...page.included.map(entry("include"))],
    }),
  };
}
