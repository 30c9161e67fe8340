/**
 * Which of Cribl's three forms a URL stands for; one port takes them all. The event is the same in each, as in Splunk's
 * envelope (`event`, `fields.recorded`), so that a pipeline need not care; what differs is the name of the time.
 */
import type { HecForm } from "../hec/HecClient.ts"
import { hecAnswer, likeHecAnswer } from "../hec/HecAnswer.ts"
import { splunkEnvelope } from "../hec/HecEncoder.ts"
import { ackUrl } from "../hec/HecEndpoint.ts"
import { isLooked, saysNoData } from "../hec/HecProbe.ts"
import { bulkAnswer } from "./CriblBulkAnswer.ts"

const lines = "application/x-ndjson"

/** Cribl's own: `{"_time":1780500776.773,"event":{…},"fields":{…}}`, one a line. */
const criblBulk: HecForm = {
  envelope: { opening: "{\"_time\":", time: "seconds", closing: "\n" },
  contentType: lines,
  answer: likeHecAnswer,
  isUsable: isLooked,
  ackUrl: null
}

/** Elasticsearch's: an action, then `{"@timestamp":"2026-06-03T15:32:56.773Z","event":{…},"fields":{…}}`. */
const elasticBulk: HecForm = {
  envelope: { opening: "{\"create\":{}}\n{\"@timestamp\":", time: "timestamp", closing: "\n" },
  contentType: lines,
  answer: bulkAnswer,
  isUsable: isLooked,
  ackUrl: null
}

const collector = (url: string): HecForm => ({
  envelope: splunkEnvelope,
  contentType: "application/json",
  answer: hecAnswer,
  isUsable: saysNoData,
  ackUrl: ackUrl(url)
})

/** `/services/collector…`, `…/elastic/_bulk`; every other path is taken for `/cribl/_bulk`, which can be set there. */
export const criblForm = (url: string): HecForm => {
  const { pathname = "" } = URL.parse(url) ?? {}
  if (/\/services\/collector(\/|$)/.test(pathname)) return collector(url)
  return /\/elastic(\/[^/]+)?\/_bulk\/?$/.test(pathname) ? elasticBulk : criblBulk
}
