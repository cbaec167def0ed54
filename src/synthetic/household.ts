/** Families of the synthetic city, as they truly are: names, births, mobiles and homes before any clerk wrote them down. */
import { luhnDigit } from "./check-digit.ts";
import { birthDayOf, type Role, rolesOf } from "./household-role.ts";
import { type Community, givenNames } from "./name-list.ts";
import type { Home, Person, PersonName } from "./person.ts";
import { aName } from "./person-name.ts";
import { type Place, places } from "./place-list.ts";
import type { Random } from "./random.ts";

const bloodGroups: readonly [string, ...string[]] = ["B+", "O+", "A+", "AB+", "O-", "B-", "A-"];
const streets: readonly [string, ...string[]] = [
  "Gali No",
  "Block",
  "Pocket",
  "Main Road, Gali",
  "J J Colony Block",
  "DDA Flats, Pocket",
];

function aCommunity(random: Random): Community {
  const draw = random.between(1, 100);
  if (draw <= 77) return "hindu";
  if (draw <= 91) return "muslim";
  return draw <= 96 ? "sikh" : "christian";
}

function aHome(random: Random, place: Place): Home {
  const house = random.chance(0.3)
    ? `${"ABCDEFGH".charAt(random.between(0, 7))}-${random.between(1, 480)}`
    : String(random.between(1, 900));
  return { house, street: `${random.pick(streets)} ${random.between(1, 24)}`, place };
}

function aMobile(random: Random): string {
  return `${random.pick(["9", "9", "9", "8", "8", "7", "6"])}${random.digits(9)}`;
}

/** Unique over ten million people: seven digits are a permutation of the index. */
function anAbha(random: Random, index: number): string {
  const unique = String((index * 6_364_137 + 1_442_695) % 9_999_991).padStart(7, "0");
  const lead = random.chance(0.85) ? "91" : String(random.between(12, 89));
  const body = `${lead}${unique}${random.digits(4)}`;
  return body + luhnDigit(body);
}

function relationOf(household: Household, role: Role, random: Random): Person["relation"] {
  const head = household.headName;
  if (role.role === "wife") return { type: "husband", name: head };
  if (role.role === "child") return { type: "father", name: head };
  const given = random.pick(givenNames[household.community].male);
  return { type: "father", name: { ...head, given, middle: null } };
}

function phoneOf(role: Role, shared: string, random: Random): string {
  if (role.role === "head") return shared;
  const own = { wife: 0.55, elder: 0.3, child: role.years >= 14 ? 0.5 : 0 }[role.role];
  return random.chance(own) ? aMobile(random) : shared;
}

function childOrSpouseName(head: PersonName, own: PersonName): PersonName {
  return head.family !== null && own.family !== null ? { ...own, family: head.family } : own;
}

/** What the household at hand is made of. */
export interface HouseholdPlan {
  readonly place: Place;
  /** Day number of the run's anchor date. */
  readonly today: number;
  readonly firstIndex: number;
  /** At most so many members. */
  readonly room: number;
  /** Somebody else near by, whose name a stranger may happen to bear. */
  readonly namesake: Person | null;
}

/** What all members of one household share. */
interface Household {
  readonly plan: HouseholdPlan;
  readonly community: Community;
  readonly headName: PersonName;
  readonly phone: string;
  readonly home: Home;
  readonly formerHome: Home;
}

/** The child born just before, when this child is to be its twin. */
function twinOf(role: Role, members: readonly Person[], random: Random): Person | null {
  const elder = members.at(-1);
  const canBeTwin = role.role === "child" && elder !== undefined && members.length > 2;
  return canBeTwin && random.chance(0.04) ? elder : null;
}

function memberNameOf(household: Household, role: Role, random: Random): PersonName {
  const own = aName(random, household.community, role.sex);
  if (role.role === "head") return household.headName;
  return childOrSpouseName(household.headName, own);
}

/** Newborns are the children of at most 90 days whose mother lives in the household. */
function newbornOf(
  plan: HouseholdPlan,
  role: Role,
  birthDay: number,
  members: readonly Person[],
): Person["newborn"] {
  const mother = members.find((member) => member.relation.type === "husband");
  const isNewborn = role.role === "child" && plan.today - birthDay <= 90;
  return isNewborn && mother !== undefined ? { mother: mother.name.given, twin: 0 } : null;
}

function addMember(household: Household, role: Role, members: Person[], random: Random): void {
  const { plan } = household;
  const twin = twinOf(role, members, random);
  const birthDay = twin?.birthDay ?? birthDayOf(role, plan.today, random);
  const newborn = newbornOf(plan, role, birthDay, members);
  const index = plan.firstIndex + members.length;
  if (twin !== null && newborn !== null)
    members[members.length - 1] = { ...twin, newborn: { ...newborn, twin: 1 } };
  members.push({
    index,
    sex: role.role === "head" && random.chance(0.004) ? "other" : role.sex,
    name: memberNameOf(household, role, random),
    birthDay,
    relation: relationOf(household, role, random),
    phone: phoneOf(role, household.phone, random),
    formerPhone: aMobile(random),
    abha: newborn === null && random.chance(0.55) ? anAbha(random, index) : null,
    bloodGroup: random.pickPopular(bloodGroups),
    home: household.home,
    formerHome: household.formerHome,
    newborn: newborn !== null && twin !== null ? { ...newborn, twin: 2 } : newborn,
  });
}

/** One household; twins follow each other. Always at least one member. */
export function householdOf(plan: HouseholdPlan, random: Random): readonly Person[] {
  const community = aCommunity(random);
  const borrowed = plan.namesake?.sex === "male" ? plan.namesake.name : null;
  const household: Household = {
    plan,
    community,
    headName: borrowed ?? aName(random, community, "male"),
    phone: aMobile(random),
    home: aHome(random, plan.place),
    formerHome: aHome(random, random.chance(0.5) ? random.pick(places) : plan.place),
  };
  const members: Person[] = [];
  for (const role of rolesOf(random).slice(0, plan.room))
    addMember(household, role, members, random);
  return members;
}
