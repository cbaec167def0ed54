import { describe, expect, test } from "vitest";
import type { IsoDate } from "../platform/ids.ts";
import {
  makeCardKey,
  mayIssueOn,
  parseCardKey,
  parseCardKeySet,
  serializeCardKey,
  serializeCardKeySet,
} from "./card-keys.ts";

const day = (text: string) => text as IsoDate;
const window = { kid: 3, nbf: day("2026-01-01"), naf: day("2026-12-31") };
/** RFC 8032 section 7.1, test 1. */
const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
const publicBytes = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

describe("card keys", () => {
  test("the seed of RFC 8032 gives its public key", () => {
    const { x } = makeCardKey(seed, window).publicKey;
    expect(Buffer.from(x, "base64url").toString("hex")).toBe(publicBytes);
  });

  test("a key file reads back to the same key", () => {
    const key = makeCardKey(seed, window);
    const read = parseCardKey(serializeCardKey(key));
    expect(read).toMatchObject({ ok: true, value: { publicKey: key.publicKey } });
    if (read.ok) expect(serializeCardKey(read.value)).toBe(serializeCardKey(key));
  });

  test.each([
    ["not_json", () => "seed"],
    ["kid", (text: string) => text.replace('"kid": 3', '"kid": 256')],
    ["nbf", (text: string) => text.replace("2026-01-01", "soon")],
    ["status", (text: string) => text.replace("active", "fine")],
    ["seed", (text: string) => text.replace(/"seed": "./, '"seed": "')],
    ["seed_is_not_of_x", (text: string) => text.replace(/"seed": "n/, '"seed": "m')],
  ])("a key file with a broken part is refused as %s", (reason, broken) => {
    expect(parseCardKey(broken(serializeCardKey(makeCardKey(seed, window))))).toEqual({
      ok: false,
      reasons: [reason],
    });
  });

  test("the published set is sorted, holds no seed and reads back", () => {
    const first = makeCardKey(seed, { ...window, kid: 1 });
    const third = makeCardKey(seed, window);
    const text = serializeCardKeySet({ keys: [third.publicKey, first.publicKey] });
    expect(text).not.toContain("seed");
    expect(parseCardKeySet(text)).toEqual({
      ok: true,
      value: { keys: [first.publicKey, third.publicKey] },
    });
    expect(parseCardKeySet("[]").ok).toBe(false);
    expect(parseCardKeySet('{"keys":[{}]}').ok).toBe(false);
  });

  test("a key issues only inside its window and while it is not withdrawn", () => {
    const { publicKey } = makeCardKey(seed, window);
    expect(mayIssueOn(publicKey, day("2026-01-01"))).toBe(true);
    expect(mayIssueOn(publicKey, day("2026-12-31"))).toBe(true);
    expect(mayIssueOn(publicKey, day("2025-12-31"))).toBe(false);
    expect(mayIssueOn(publicKey, day("2027-01-01"))).toBe(false);
    expect(mayIssueOn({ ...publicKey, naf: null }, day("2040-01-01"))).toBe(true);
    expect(mayIssueOn({ ...publicKey, status: "withdrawn" }, day("2026-06-01"))).toBe(false);
  });
});
