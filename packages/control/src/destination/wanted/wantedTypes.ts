/** Every type's reading of a body, once. */
import { axiom } from "./axiom.ts"
import { azure } from "./azure.ts"
import { datadog } from "./datadog.ts"
import { elastic } from "./elastic.ts"
import { gcs } from "./gcs.ts"
import { cribl, crowdstrike, panther, splunk } from "./hec.ts"
import { http } from "./http.ts"
import { s3 } from "./s3.ts"
import type { WantedTypes } from "./WantedType.ts"

export const wantedTypes: WantedTypes = {
  s3,
  gcs,
  azure,
  splunk,
  panther,
  cribl,
  crowdstrike,
  datadog,
  elastic,
  axiom,
  http
}
