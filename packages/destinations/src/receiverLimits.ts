/** What one request to each receiver may hold, without opening one: for the API, and for the pages in `docs`. */
import { type Codec, type DestinationTypeName, isStoreType, type ReceiverConfig } from "@tailrace/domain"
import type { Duration } from "effect"
import { axiomLimits } from "./axiom/AxiomLimits.ts"
import { criblBodyBytes, criblLimits } from "./cribl/CriblLimits.ts"
import { crowdstrikeBodyBytes, crowdstrikeLimits } from "./crowdstrike/CrowdstrikeLimits.ts"
import { datadogLimits, newest, oldest } from "./datadog/DatadogLimits.ts"
import { elasticLimits } from "./elastic/ElasticLimits.ts"
import { goalBytes, httpLimits } from "./http/HttpLimits.ts"
import { pantherLimits } from "./panther/PantherLimits.ts"
import type { ReceiverLimits } from "./Receiver.ts"
import { splunkBodyBytes, splunkLimits } from "./splunk/SplunkLimits.ts"

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

/** Where a request is full although the service takes more: a single record may be larger. */
export const fullRequestBytes: Partial<Record<ReceiverConfig["_tag"], number>> = {
  splunk: splunkBodyBytes,
  cribl: criblBodyBytes,
  crowdstrike: crowdstrikeBodyBytes,
  http: goalBytes
}

/** How far from now a record's time may lie where a service drops others without a word. */
export const takenAges: Partial<
  Record<ReceiverConfig["_tag"], { readonly oldest: Duration.Duration; readonly newest: Duration.Duration }>
> = { datadog: { oldest, newest } }

const everyCodec: ReadonlyArray<Codec> = ["none", "gzip", "zstd"]

/** How a type's objects or request bodies may be compressed. */
export const codecsOf = (type: DestinationTypeName): ReadonlyArray<Codec> =>
  isStoreType(type) ? everyCodec : receiverLimits[type].codecs
