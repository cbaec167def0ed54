/** All tables of the store, in reading order. The SQL in migrations/ makes them; this mirrors it for typed queries. */

import * as access from "./schema/access.ts";
import * as card from "./schema/card.ts";
import * as clinical from "./schema/clinical.ts";
import * as matching from "./schema/matching.ts";
import * as operation from "./schema/operation.ts";
import * as person from "./schema/person.ts";
import * as record from "./schema/record.ts";
import * as source from "./schema/source.ts";

/** Every table by its name in this program. */
export const schema = {
  ...operation,
  ...source,
  ...record,
  ...clinical,
  ...matching,
  ...person,
  ...card,
  ...access,
};
