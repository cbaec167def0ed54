/** Names as families give them: which parts a name has depends on community and sex. */
import { type Community, familyNames, givenNames, middleNames } from "./name-list.ts";
import type { PersonName } from "./person.ts";
import type { Random } from "./random.ts";

/** A full name of one community. */
export function aName(random: Random, community: Community, sex: "male" | "female"): PersonName {
  const given = random.pickPopular(givenNames[community][sex]);
  const middle = random.pick(middleNames[community][sex]);
  const family = random.pickPopular(familyNames[community]);
  if (community === "muslim" && sex === "male" && middle.latin !== given.latin) {
    // "Mohammad Imran Khan": the honorific stands first, the name in use second.
    if (random.chance(0.4))
      return { given: middle, middle: given, family: random.chance(0.5) ? family : null };
    return { given, middle: null, family };
  }
  if (community === "sikh") return { given, middle, family: random.chance(0.6) ? family : null };
  const wantsMiddle = sex === "female" ? 0.35 : 0.2;
  return { given, middle: random.chance(wantsMiddle) ? middle : null, family };
}
