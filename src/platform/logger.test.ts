import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

function aSink() {
  const lines: string[] = [];
  return { lines, write: (line: string) => void lines.push(line) };
}

test("an event is one line of JSON with its fields", () => {
  const sink = aSink();

  createLogger("info", sink).info({ runId: "r1", rows: 5000 }, "batch committed");

  expect(JSON.parse(sink.lines.join(""))).toMatchObject({
    runId: "r1",
    rows: 5000,
    msg: "batch committed",
  });
});

test("without a level only warnings and worse are written", () => {
  const sink = aSink();
  const logger = createLogger(null, sink);

  logger.info({}, "run started");
  logger.warn({}, "source silent");

  expect(sink.lines).toHaveLength(1);
});

test("a field with a personal name is kept out even where the type was got around", () => {
  const sink = aSink();

  createLogger("info", sink).info(
    { birthDate: "1984-01-01", phone: "98", line: 3 },
    "record quarantined",
  );

  expect(sink.lines.join("")).not.toMatch(/1984|"98"/);
  expect(JSON.parse(sink.lines.join("")).line).toBe(3);
});

test("an unknown level is refused as a mistake in the configuration", () => {
  expect(() => createLogger("loud")).toThrow(expect.objectContaining({ kind: "usage" }));
});
