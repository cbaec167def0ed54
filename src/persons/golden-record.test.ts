import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { IsoDate, RecordId } from "../platform/ids.ts";
import { emptyPatientFields } from "../records/patient-record.ts";
import { type Member, surviveGoldenRecord } from "./golden-record.ts";

function aMember(recordId: number, more: Partial<Member> = {}): Member {
  return {
    ...emptyPatientFields,
    recordId: BigInt(recordId) as RecordId,
    authority: "patient",
    saidAt: null,
    ...more,
  };
}
const goldenOf = (...members: readonly Member[]) =>
  Object.fromEntries(surviveGoldenRecord(members).map(({ field, value }) => [field, value]));
const born = (date: string, precision: "day" | "year" | "estimated") => ({
  birthDate: { date: date as IsoDate, precision },
});

describe("a golden value", () => {
  test("names its record and its rule", () => {
    expect(surviveGoldenRecord([aMember(7, { sex: "female" })])).toEqual([
      { field: "sex", value: "female", from: 7n, rule: "most_common" },
    ]);
  });

  test("of a name is the most complete, with all its parts from one record", () => {
    const golden = goldenOf(
      aMember(1, { givenName: "Ram", familyName: "Lal" }),
      aMember(2, { name: "Ram Kumar Lal" }),
    );
    expect([golden["name"], golden["givenName"]]).toEqual(["Ram Kumar Lal", undefined]);
  });

  test("of a birth date is the most precise; 1 January is less than a true day", () => {
    expect(
      goldenOf(
        aMember(1, born("1985-01-01", "day")),
        aMember(2, born("1985-03-04", "day")),
        aMember(3, born("1985-01-01", "day")),
      )["birthDate"],
    ).toBe("1985-03-04");
    expect(
      goldenOf(aMember(1, born("1984-01-01", "estimated")), aMember(2, born("1985-01-01", "year"))),
    ).toMatchObject({ birthDate: "1985-01-01", birthPrecision: "year" });
  });

  test("of contact is the latest patient message's, and a filler phone is none", () => {
    const golden = goldenOf(
      aMember(1, { saidAt: 1, email: "old@x.in", phones: ["+919811122233"] }),
      aMember(2, { saidAt: 2, email: "new@x.in", phones: ["+919999999999"] }),
      aMember(3, { saidAt: 3, email: "lab@x.in", authority: "event" }),
    );
    expect([golden["email"], golden["phone"]]).toEqual(["new@x.in", "+919811122233"]);
  });

  test("of an address comes whole from one record", () => {
    const golden = goldenOf(
      aMember(1, { saidAt: 2, city: "Agra" }),
      aMember(2, { saidAt: 1, addressLine: "12 Main Road", postalCode: "110001" }),
    );
    expect(golden).toEqual({ addressLine: "12 Main Road", postalCode: "110001" });
  });

  test("of a blood group there is none", () => {
    expect(goldenOf(aMember(1, { bloodGroup: "A+" }))).toEqual({});
  });
});

test("the order of members does not matter", () => {
  const fields = fc.record({
    name: fc.constantFrom(null, "Ram", "Ram Lal", "Lal Ram"),
    sex: fc.constantFrom(null, "male" as const, "female" as const),
    saidAt: fc.constantFrom(null, 1, 2),
    authority: fc.constantFrom("patient" as const, "event" as const),
    phones: fc.constantFrom([], ["+919811122233"], ["+919811122234"]),
    city: fc.constantFrom(null, "Delhi", "Agra"),
    birthDate: fc.constantFrom(
      null,
      born("1985-01-01", "year").birthDate,
      born("1985-03-04", "day").birthDate,
      born("1985-03-05", "day").birthDate,
    ),
  });
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1, maxLength: 6 }), (given) => {
      const members = given.map((more, index) => aMember(index, more));
      const golden = surviveGoldenRecord(members);
      expect(surviveGoldenRecord(members.toReversed())).toEqual(golden);
      expect(surviveGoldenRecord([...members.slice(2), ...members.slice(0, 2)])).toEqual(golden);
    }),
  );
});
