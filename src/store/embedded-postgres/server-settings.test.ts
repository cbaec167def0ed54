import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { HimsError } from "../../platform/errors.ts";
import { writeSettings } from "./server-settings.ts";

test("a server without a name is not opened to a group, whose members it could not tell from others", () => {
  const home = join(tmpdir(), "hims-settings-that-are-never-written");
  const place = {
    stateRoot: home,
    home,
    dataDirectory: join(home, "data"),
    socketDirectory: join(home, "run"),
  };
  const nameless = { uid: 70_000, gid: 70_000, name: null };
  const group = { gid: 5_000, members: ["someone"] };

  expect(() => writeSettings(place, { keeper: nameless, server: nameless, group })).toThrow(
    expect.objectContaining({ code: "HIMS_EMBEDDED_ACCOUNT" } satisfies Partial<HimsError>),
  );
  expect(existsSync(home)).toBe(false);
});
