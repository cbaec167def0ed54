import { expect, test } from "vitest";
import { maskPassword } from "./store-status.ts";

test.each([
  ["postgres://u:hunter2@db:5432/hims", "postgres://u:***@db:5432/hims"],
  [
    "postgres://u@db/hims?password=hunter2&sslmode=require",
    "postgres://u@db/hims?password=***&sslmode=require",
  ],
  ["postgres://u@db/hims?sslpassword=hunter2", "postgres://u@db/hims?sslpassword=***"],
  ["postgres://u@db/hims", "postgres://u@db/hims"],
  ["host=db password=hunter2", "(not a URL)"],
])("no password of %# is shown", (url, shown) => {
  expect(maskPassword(url)).toBe(shown);
});
