import { defineConfig } from "vitest/config";
import { hasPostgres15 } from "./test/support/database-15-global-setup.ts";

/** One project per level: units beside the code; the real PostgreSQL; folders of data; the built CLI as a process. */
export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts"] } },
      {
        test: {
          name: "store",
          include: ["test/store/**/*.test.ts"],
          globalSetup: ["test/support/database-global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // The same tests on Debian's PostgreSQL 15; none where it is not installed.
          name: "store-15",
          include: hasPostgres15 ? ["test/store/**/*.test.ts"] : [],
          globalSetup: hasPostgres15 ? ["test/support/database-15-global-setup.ts"] : [],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "golden",
          include: ["test/golden/**/*.test.ts"],
          globalSetup: ["test/support/database-global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "contracts",
          include: ["test/contracts/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "corpus", include: ["test/corpus/**/*.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          name: "embedded",
          include: ["test/embedded/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "cli",
          include: ["test/cli/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
