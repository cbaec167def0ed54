import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PatientFacts } from "./patient-record.ts";
import { type Claim, type Judgement, judgeClaims, type RecordState } from "./record-history.ts";

let ordinal = 0;
function claim(name: string, more: Partial<Claim> = {}): Claim {
  ordinal += 1;
  const facts: PatientFacts = { name };
  return {
    ordinal,
    line: ordinal + 1,
    facts,
    factsHash: `${more.mapSource ?? "opd:1"} ${JSON.stringify(more.facts ?? facts)}`,
    mapSource: "opd:1",
    messageTime: null,
    authority: "patient",
    ...more,
  };
}

/** A record over several files: what it is, and all hashes of its past. */
class Store {
  current: RecordState | null = null;
  readonly past = new Set<string>();

  file(...claims: readonly Claim[]): Judgement {
    const judged = judgeClaims(this.current, claims, this.past);
    for (const { state, place } of judged.versions) {
      if (place !== "current") {
        this.past.add(state.factsHash);
        continue;
      }
      if (this.current !== null) this.past.add(this.current.factsHash);
      this.current = state;
    }
    return judged;
  }
}

const places = (judged: Judgement) =>
  judged.versions.map(({ state, place }) => `${state.fields.name} ${place}`);

describe("one file", () => {
  test("the first row makes the record, a repeat changes nothing", () => {
    const judged = new Store().file(claim("A"), claim("A"));
    expect(places(judged)).toEqual(["A current"]);
    expect(judged.changed).toHaveLength(1);
  });

  test("of two rows the later one stands, the earlier is kept", () => {
    expect(places(new Store().file(claim("A1"), claim("A2")))).toEqual([
      "A1 superseded",
      "A2 current",
    ]);
  });

  test("message time goes before the order in the file, and a row without a time stands after the one before it", () => {
    const judged = new Store().file(
      claim("new", { messageTime: 3 }),
      claim("none"),
      claim("old", { messageTime: 1 }),
    );
    expect(places(judged)).toEqual(["old superseded", "new superseded", "none current"]);
  });
});

describe("files one after the other", () => {
  test("the same rows again change nothing, however often a key comes", () => {
    const names = fc.array(fc.constantFrom("A", "B", "C"), { minLength: 1, maxLength: 6 });
    const times = fc.array(fc.option(fc.nat(3)), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(names, times, (given, said) => {
        const store = new Store();
        const rows = () =>
          given.map((name, index) => claim(name, { messageTime: said[index] ?? null }));
        store.file(...rows());
        const before = store.current;
        expect(store.file(...rows())).toEqual({ versions: [], keepsCurrent: true, changed: [] });
        expect(store.current).toBe(before);
      }),
    );
  });

  test("a value that goes back to what it was is a change", () => {
    const store = new Store();
    for (const name of ["A", "B", "A"])
      expect(places(store.file(claim(name)))).toEqual([`${name} current`]);
  });

  test("a late message becomes history once and leaves the current version", () => {
    const store = new Store();
    store.file(claim("new", { messageTime: 5 }));
    const late = () => claim("old", { messageTime: 1 });
    const judged = store.file(late());
    expect(places(judged)).toEqual(["old history"]);
    expect(judged.keepsCurrent).toBe(true);
    expect(store.file(late()).versions).toEqual([]);
  });

  test("times of another pipeline's rows are not compared", () => {
    const store = new Store();
    store.file(claim("A", { messageTime: 5 }));
    expect(places(store.file(claim("B", { messageTime: 1, mapSource: "lab:1" })))).toEqual([
      "B current",
    ]);
  });

  test("a changed field map makes its rows change; another pipeline that says the same does not", () => {
    const store = new Store();
    store.file(claim("A"));
    expect(places(store.file(claim("A", { mapSource: "lab:1" })))).toEqual([]);
    expect(places(store.file(claim("A", { mapSource: "opd:2" })))).toEqual(["A current"]);
  });

  test("facts that are absent leave a field, null clears it", () => {
    const store = new Store();
    store.file(claim("A", { facts: { name: "A", city: "Delhi", sex: "male" } }));
    store.file(claim("A", { facts: { name: "A", city: null } }));
    expect(store.current?.fields).toMatchObject({ name: "A", city: null, sex: "male" });
  });
});

describe("clinical rows", () => {
  const event = (facts: PatientFacts) =>
    claim("", { facts, authority: "event", mapSource: "lab:1", messageTime: 9 });

  test("make a record, fill its blanks, and change nothing that is said", () => {
    const store = new Store();
    expect(places(store.file(event({ name: "Typo" })))).toEqual(["Typo current"]);
    store.file(claim("Right", { messageTime: 1 }));
    store.file(event({ name: "Typo", phones: ["+919811122233"], city: "Delhi" }));
    expect(store.current).toMatchObject({
      authority: "patient",
      messageTime: 1,
      fields: { name: "Right", phones: ["+919811122233"], city: "Delhi" },
    });
    expect(store.file(event({ name: "Typo", phones: [], city: "Agra" })).versions).toEqual([]);
  });
});
