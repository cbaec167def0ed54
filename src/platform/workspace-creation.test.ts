import { expect, test } from "vitest";
import { workspaceModes } from "./workspace-creation.ts";

const octal = (opened: { toGroup: boolean; byRoot: boolean }) =>
  Object.fromEntries(
    Object.entries(workspaceModes(opened)).map(([name, mode]) => [name, mode.toString(8)]),
  );

test("a user's workspace is closed to everyone else", () => {
  expect(octal({ toGroup: false, byRoot: false })).toEqual({
    stateRoot: "700",
    keysFolder: "700",
    filesFolder: "700",
    keyFile: "600",
  });
});

test("root's can be entered by the database's user, who still reads no key", () => {
  expect(octal({ toGroup: false, byRoot: true })).toMatchObject({
    stateRoot: "711",
    keysFolder: "700",
    keyFile: "600",
  });
});

test("a group's members work in it and may read its keys, not write them", () => {
  expect(octal({ toGroup: true, byRoot: false })).toEqual({
    stateRoot: "2770",
    keysFolder: "2750",
    filesFolder: "2770",
    keyFile: "640",
  });
});
