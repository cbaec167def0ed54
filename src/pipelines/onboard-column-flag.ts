/** `--column field=COLUMN`: what the operator says of columns that are not found out. */
import { HimsError } from "../platform/errors.ts";
import { suggestionOr } from "../platform/suggestion.ts";
import { eventFieldNames, type MapField, patientFieldNames } from "../records/field-map.ts";

const names: readonly MapField[] = [...patientFieldNames, ...eventFieldNames];

/** @throws HimsError HIMS_ONBOARD_COLUMN for a text of another form or a field that does not exist */
export function fixedFields(texts: readonly string[]): ReadonlyMap<MapField, string> {
  return new Map(
    texts.map((text) => {
      const cut = text.indexOf("=");
      const asked = text.slice(0, Math.max(0, cut)).trim();
      const field = names.find((name) => name === asked);
      if (field !== undefined) return [field, text.slice(cut + 1).trim()];
      throw new HimsError("HIMS_ONBOARD_COLUMN", {
        kind: "usage",
        message:
          cut === -1
            ? "--column is written FIELD=COLUMN"
            : `there is no field ${JSON.stringify(asked)}`,
        hint: suggestionOr(
          asked,
          names,
          "The fields are listed in docs/reference/pipeline-file.md.",
        ),
      });
    }),
  );
}
