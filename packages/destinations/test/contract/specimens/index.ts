/** One line for each form of each registered type. */
import type { Specimen } from "../Specimen.ts"
import { axiomSpecimen } from "./axiom.ts"
import { datadogSpecimen } from "./datadog.ts"
import { elasticKeySpecimen, elasticSpecimen } from "./elastic.ts"
import {
  criblCollectorSpecimen,
  criblElasticSpecimen,
  criblSpecimen,
  crowdstrikeSpecimen,
  pantherSpecimen,
  splunkSpecimen
} from "./hec.ts"
import { httpBasicSpecimen, httpBearerSpecimen, httpHmacSpecimen } from "./http.ts"

export const specimens: Readonly<Record<string, Specimen>> = {
  "splunk": splunkSpecimen,
  "panther": pantherSpecimen,
  "crowdstrike": crowdstrikeSpecimen,
  "cribl": criblSpecimen,
  "cribl, as an event collector": criblCollectorSpecimen,
  "cribl, as Elasticsearch": criblElasticSpecimen,
  "datadog": datadogSpecimen,
  "elastic": elasticSpecimen,
  "elastic, by an API key": elasticKeySpecimen,
  "axiom": axiomSpecimen,
  "http, bearer": httpBearerSpecimen,
  "http, basic and JSON": httpBasicSpecimen,
  "http, signed": httpHmacSpecimen
}
