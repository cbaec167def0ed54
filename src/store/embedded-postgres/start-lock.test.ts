import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HimsError } from "../../platform/errors.ts";
import { takeStartLock } from "./start-lock.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hims-lock-"));
});
afterEach(() => rmSync(home, { recursive: true }));

test("one holder at a time, and again after a release", () => {
  const first = takeStartLock(home);

  expect(first).not.toBeNull();
  expect(takeStartLock(home)).toBeNull();
  expect(readdirSync(home)).toEqual(["start.lock"]);
  first?.release();
  const second = takeStartLock(home);
  expect(second).not.toBeNull();
  second?.release();
});

test("its file is the owner's alone, whatever may be done in the folder", () => {
  chmodSync(home, 0o711);

  takeStartLock(home)?.release();

  expect(statSync(join(home, "start.lock")).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, "start.lock")).size).toBe(0);
});

test.each([
  ["a link", (path: string) => symlinkSync("/etc/hostname", path)],
  ["a file with content", (path: string) => writeFileSync(path, "x".repeat(5_000))],
])("%s in its place is refused", (_, plant) => {
  plant(join(home, "start.lock"));

  expect(() => takeStartLock(home)).toThrow(HimsError);
});
