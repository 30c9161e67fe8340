/** The type `elastic`: `_bulk` of Elasticsearch, OpenSearch, and what speaks like them. */
import type { ElasticConfig } from "@tailrace/domain"
import type { ReceiverType } from "../registry.ts"
import { checkElasticConfig, elasticTarget } from "./ElasticEndpoint.ts"
import { openElasticReceiver } from "./ElasticReceiver.ts"

export const elasticType: ReceiverType<ElasticConfig> = {
  check: checkElasticConfig,
  target: elasticTarget,
  open: openElasticReceiver
}
