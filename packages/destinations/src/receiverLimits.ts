/** What one request to each receiver may hold, without opening one: for the API, and for the pages in `docs`. */
import { type Codec, type DestinationTypeName, isStoreType, type ReceiverConfig } from "@tailrace/domain"
import { axiomLimits } from "./axiom/AxiomLimits.ts"
import { criblLimits } from "./cribl/CriblLimits.ts"
import { crowdstrikeLimits } from "./crowdstrike/CrowdstrikeLimits.ts"
import { datadogLimits } from "./datadog/DatadogLimits.ts"
import { elasticLimits } from "./elastic/ElasticLimits.ts"
import { httpLimits } from "./http/HttpLimits.ts"
import { pantherLimits } from "./panther/PantherLimits.ts"
import type { ReceiverLimits } from "./Receiver.ts"
import { splunkLimits } from "./splunk/SplunkLimits.ts"

export const receiverLimits: Readonly<Record<ReceiverConfig["_tag"], ReceiverLimits>> = {
  splunk: splunkLimits,
  panther: pantherLimits,
  cribl: criblLimits,
  crowdstrike: crowdstrikeLimits,
  datadog: datadogLimits,
  elastic: elasticLimits,
  axiom: axiomLimits,
  http: httpLimits
}

const everyCodec: ReadonlyArray<Codec> = ["none", "gzip", "zstd"]

/** How a type's objects or request bodies may be compressed. */
export const codecsOf = (type: DestinationTypeName): ReadonlyArray<Codec> =>
  isStoreType(type) ? everyCodec : receiverLimits[type].codecs
