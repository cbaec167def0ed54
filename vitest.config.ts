import { defineConfig } from "vitest/config";
import { hasPostgres15 } from "./test/support/database-15-global-setup.ts";

/** One project per level: units beside the code; the real PostgreSQL; folders of data; the built CLI as a process. */
export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          setupFiles: ["test/support/property-seed.ts"],
          include: ["src/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "store",
          setupFiles: ["test/support/property-seed.ts"],
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
          setupFiles: ["test/support/property-seed.ts"],
          include: hasPostgres15 ? ["test/store/**/*.test.ts"] : [],
          globalSetup: hasPostgres15 ? ["test/support/database-15-global-setup.ts"] : [],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "golden",
          setupFiles: ["test/support/property-seed.ts"],
          include: ["test/golden/**/*.test.ts"],
          globalSetup: ["test/support/database-global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "contracts",
          setupFiles: ["test/support/property-seed.ts"],
          include: ["test/contracts/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "golden-onboarding",
          setupFiles: ["test/support/property-seed.ts"],
          include: ["test/golden-onboarding/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "corpus",
          setupFiles: ["test/support/property-seed.ts"],
          include: ["test/corpus/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "embedded",
          setupFiles: ["test/support/property-seed.ts"],
          include: ["test/embedded/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "cli",
          setupFiles: ["test/support/property-seed.ts"],
          include: ["test/cli/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
