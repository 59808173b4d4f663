// A requester's program on a client that is generated from the interface's description.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Bundle = components["schemas"]["FhirBundleBody"];
type Variable = components["schemas"]["CatalogVariable"];

export interface Given {
  url: string;
  whole: Bundle;
  lacking: Bundle;
  map: string;
}

export async function run(given: Given) {
  const client = createClient<paths>({ baseUrl: given.url });

  async function diagnose(key: string, bundle: Bundle) {
    return client.POST("/v1/diagnose", {
      params: { header: { "Idempotency-Key": key } },
      body: { client_id: "typescript", target_diagnosis: "sepsis", fhir_bundle: bundle },
    });
  }

  const refused = await diagnose("lacking", given.lacking);
  if (!refused.error || !("missing_data" in refused.error)) throw new Error(`no negotiation: ${refused.response.status}`);
  const missing = refused.error.missing_data.map((datum) => `${datum.code} ${datum.reason} ${datum.accepted_units?.join() ?? "-"}`);

  const broken = await diagnose("broken", { resourceType: "Bundle" });
  if (!broken.error || !("outcome" in broken.error)) throw new Error(`no outcome: ${broken.response.status}`);
  const outcome = broken.error.outcome?.resourceType;

  const admitted = await diagnose("whole", given.whole);
  if (!admitted.data || !("job_id" in admitted.data)) throw new Error(`no job: ${admitted.response.status}`);
  let job: components["schemas"]["DiagnosisAnswer"] = admitted.data;
  while (job.status === "QUEUED" || job.status === "PROCESSING") {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { data, error } = await client.GET("/v1/jobs/{id}", { params: { path: { id: job.job_id } } });
    if (!data) throw new Error(error.title);
    job = data;
  }

  const guidance = await client.POST("/fhir/Library/{key}/$evaluate", { params: { path: { key: "sepsis" } }, body: given.whole });

  const catalog = await client.GET("/catalog/variables");
  if (!catalog.data) throw new Error(catalog.error.title);
  const size = (variable: Variable) => (variable.type === "category" ? variable.levels.length : variable.bins.length - 1);
  const sizes = Object.fromEntries(catalog.data.variables.map((variable) => [variable.name, size(variable)]));

  const score = await client.POST("/jobs", {
    body: { map_file: given.map, task: "map_to_outcome_v1", outcome: "UPDRS_change", stat: "spearman" },
    bodySerializer(fields) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) {
        if (name === "map_file") form.append(name, new Blob([Uint8Array.from(atob(value), (character) => character.charCodeAt(0))]), "map.nii.gz");
        else form.append(name, value);
      }
      return form;
    },
  });
  if (!score.data) throw new Error(JSON.stringify(score.error));
  let answer: components["schemas"]["CohortAnswer"];
  do {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { data } = await client.GET("/jobs/{id}", { params: { path: { id: score.data.job_id } } });
    if (!data) throw new Error("the job is gone");
    answer = data;
  } while (answer.status === "queued" || answer.status === "running");

  return { missing, outcome, diagnosis: job.result?.["diagnosis"], guidance: guidance.data?.["status"], sizes, n: answer.n, status: answer.status };
}
