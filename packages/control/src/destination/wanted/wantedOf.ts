/** Every type's reading of a body, once. */
import type { DestinationConfig } from "@tailrace/domain"
import { axiom } from "./axiom.ts"
import { azure } from "./azure.ts"
import { datadog } from "./datadog.ts"
import { elastic } from "./elastic.ts"
import { gcs } from "./gcs.ts"
import { cribl, crowdstrike, panther, splunk } from "./hec.ts"
import { http } from "./http.ts"
import { s3 } from "./s3.ts"
import type { WantedType, WantedTypes } from "./WantedType.ts"

const wantedTypes: WantedTypes = {
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

/** Give it bodies and configurations of that type only. */
export const wantedType = (name: DestinationConfig["_tag"]): WantedType<DestinationConfig> => wantedTypes[name]
