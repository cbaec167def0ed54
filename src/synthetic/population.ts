/** All people of a seed, made again from the seed whenever they are needed, so that a million need no memory. */
import { dayOfIso } from "./calendar.ts";
import { type SyntheticFacility, syntheticFacilities } from "./facility-list.ts";
import { householdOf } from "./household.ts";
import type { Person } from "./person.ts";
import { places } from "./place-list.ts";
import { keyOf, Random, rareCount } from "./random.ts";
import type { SynthOptions } from "./synth-options.ts";

/** One person known to one facility under one number. */
export interface Registration {
  readonly person: Person;
  readonly facility: SyntheticFacility;
  /** Counts the person's registrations from 0, over all facilities. */
  readonly ordinal: number;
  readonly mrn: string;
  /** Day number of the registration. */
  readonly seenDay: number;
  /** A registration whose row cannot be read; its number occurs nowhere else, and not in the truth. */
  readonly broken: boolean;
}

const neighborhoodSize = 64;
/** Most registrations one person can have, broken ones included. */
const ordinalsPerPerson = 32;
/** The largest prime below 10^8: eight-digit numbers are permuted modulo it. */
const mrnPrime = 99_999_989;
/** People for whom `mrnPrime` still holds a number for every registration. */
export const maxPeople = Math.floor(mrnPrime / ordinalsPerPerson);
export const defaultDuplicates = 1.2;
/** Share of registrations that are followed by a broken one. */
const brokenShare = 0.003;
const sameFacilityShare = 0.15;

function peopleOfNeighborhood(options: SynthOptions, neighborhood: number): readonly Person[] {
  const random = new Random(options.seed, keyOf(1, neighborhood));
  const today = dayOfIso(options.today);
  const place = random.pick(places);
  const firstIndex = neighborhood * neighborhoodSize;
  const size = Math.min(neighborhoodSize, options.people - firstIndex);
  const people: Person[] = [];
  while (people.length < size) {
    const someone = people[random.between(0, Math.max(0, people.length - 1))];
    const plan = {
      place,
      today,
      firstIndex: firstIndex + people.length,
      room: size - people.length,
      namesake: random.chance(0.03) && someone !== undefined ? someone : null,
    };
    people.push(...householdOf(plan, random));
  }
  return people;
}

function aFacility(random: Random): SyntheticFacility {
  let draw = random.uint32() / 0x100000000;
  for (const facility of syntheticFacilities) {
    draw -= facility.share;
    if (draw < 0) return facility;
  }
  return syntheticFacilities[0];
}

function facilitiesVisited(random: Random, count: number): readonly SyntheticFacility[] {
  const visited: SyntheticFacility[] = [];
  while (visited.length < count) {
    const facility = aFacility(random);
    const full = new Set(visited).size === syntheticFacilities.length;
    if (!visited.includes(facility) || full || random.chance(sameFacilityShare))
      visited.push(facility);
  }
  return visited;
}

/** Each facility permutes the slots in its own way, so that no two of its numbers are equal and none tells the person. */
function mrnOf(options: SynthOptions, facility: SyntheticFacility, slot: number): string {
  const place = syntheticFacilities.indexOf(facility);
  const multiplier = 100_001 + ((keyOf(options.seed, 2, place) >>> 0) % 800_000);
  const offset = (keyOf(options.seed, 21, place) >>> 0) % mrnPrime;
  return facility.mrn(String((slot * multiplier + offset) % mrnPrime).padStart(8, "0"));
}

/** Every registration of a person, in the order of their numbers; at least one is readable. */
export function registrationsOf(options: SynthOptions, person: Person): readonly Registration[] {
  const random = new Random(options.seed, keyOf(3, person.index));
  const today = dayOfIso(options.today);
  const count = 1 + rareCount(random, options.duplicates ?? defaultDuplicates);
  const registrations: Registration[] = [];
  const register = (facility: SyntheticFacility, broken: boolean) => {
    const ordinal = registrations.length;
    const seenDay = Math.max(person.birthDay, today - random.between(1, 700));
    const mrn = mrnOf(options, facility, person.index * ordinalsPerPerson + ordinal);
    registrations.push({ person, facility, ordinal, mrn, seenDay, broken });
  };
  for (const facility of facilitiesVisited(random, count)) {
    register(facility, false);
    if (random.chance(brokenShare)) register(facility, true);
  }
  return registrations;
}

/** All people, neighborhood by neighborhood; `shuffle` changes the order of the neighborhoods, so that no two exports line up. */
export function* peopleOf(options: SynthOptions, shuffle: number): Generator<Person> {
  const count = Math.ceil(options.people / neighborhoodSize);
  const start = new Random(options.seed, keyOf(4, shuffle)).between(0, count - 1);
  const step = coprimeStep(count, shuffle);
  for (let turn = 0; turn < count; turn++) {
    yield* peopleOfNeighborhood(options, (start + turn * step) % count);
  }
}

function coprimeStep(count: number, shuffle: number): number {
  for (const step of [7919, 6101, 4801, 3571, 2539, 1709].slice(shuffle % 3)) {
    if (count % step !== 0) return step % Math.max(1, count) || 1;
  }
  return 1;
}

/** Every registration at one facility. */
export function* registrationsAt(
  options: SynthOptions,
  facility: SyntheticFacility,
): Generator<Registration> {
  for (const person of peopleOf(options, syntheticFacilities.indexOf(facility))) {
    for (const registration of registrationsOf(options, person)) {
      if (registration.facility === facility) yield registration;
    }
  }
}
