// The floors of the house (docs/explanation/the-house.md), written once as a table and checked by a machine.
const mayOpen = {
  platform: [],
  hl7: ["platform"],
  records: ["hl7", "platform"],
  clinical: ["records", "hl7", "platform"],
  matching: ["records", "platform"],
  persons: ["records", "platform"],
  cards: ["persons", "platform"],
  access: ["persons", "platform"],
  fhir: ["records", "clinical", "persons", "platform"],
  synthetic: ["records", "clinical", "hl7", "platform"],
  onboarding: ["records", "hl7", "clinical", "platform"],
  connectors: ["records", "hl7", "platform"],
  store: ["records", "clinical", "matching", "persons", "cards", "access", "platform"],
  pipelines: ["connectors", "onboarding", "store", "fhir", "synthetic", "access", "records", "hl7", "clinical", "matching", "persons", "cards", "platform"],
  api: ["pipelines", "store", "fhir", "access", "records", "clinical", "matching", "persons", "cards", "platform"],
  commands: ["pipelines", "api", "store", "cards", "persons", "platform"],
};
const domains = "^src/(hl7|records|clinical|matching|persons|cards|access|fhir|synthetic|onboarding)/";
const floors = Object.entries(mayOpen).map(([room, lower]) => ({
  name: `${room}-opens-only-lower-floors`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: `^src/(${[room, ...lower].join("|")})/` },
}));
/** An npm package only one room may touch (besides tests). */
const only = (name, packages, rooms) => ({
  name,
  severity: "error",
  from: { path: "^src/", pathNot: [`^src/(${rooms.join("|")})/`, "\\.test\\.ts$"] },
  to: { path: `node_modules/(${packages.join("|")})(/|$)` },
});
module.exports = {
  forbidden: [
    ...floors,
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-file-nobody-imports",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: ["\\.test\\.ts$", "^src/commands/", "-worker\\.ts$"] },
      to: {},
    },
    {
      name: "domains-are-pure",
      comment: "domains import no Node core module but crypto",
      severity: "error",
      from: { path: domains, pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    },
    only("database-only-in-store", ["drizzle-orm", "pg", "pg-copy-streams", "pg-cursor"], ["store"]),
    only("parsers-only-in-connectors", ["csv-parse", "node-hl7-client", "yauzl", "saxes"], ["connectors"]),
    only("oclif-only-in-commands", ["@oclif"], ["commands"]),
    only("http-only-in-api", ["fastify", "@fastify"], ["api"]),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] },
  },
};
