// The whole application as a process, sending to Datadog, Elastic, Axiom and an endpoint of one's own.
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { flowRecord, idsOf, nodeIds, range } from "../../src/destinations/flowRecords.ts"
import { receiverSite } from "../../src/destinations/ReceiverSite.ts"
import { startAxiom } from "../../src/emulators/axiom/Axiom.ts"
import { startDatadog } from "../../src/emulators/datadog/Datadog.ts"
import { startElastic } from "../../src/emulators/elastic/Elastic.ts"
import { startEndpoint } from "../../src/emulators/http/Endpoint.ts"
import { eventually } from "../../src/eventually.ts"

const secret = "a-secret-that-nobody-sees"

type Found = Iterable<Readonly<Record<string, unknown>>>

/** A destination's body, and what arrived there. */
interface Place {
  readonly body: object
  readonly found: () => Found
}

const datadog = Effect.map(startDatadog(secret), ({ logs, url }): Place => ({
  body: { destinationType: "datadog", url, token: secret, compressionFormat: "gzip" },
  found: () => logs
}))

const elastic = Effect.map(
  startElastic({ stream: "tailscale", credential: `Basic ${btoa(`tailrace:${secret}`)}` }),
  ({ documents, url }): Place => ({
    body: { destinationType: "elastic", url, user: "tailrace", token: secret },
    found: () => documents.values()
  })
)

const axiom = Effect.map(
  startAxiom({ token: secret, dataset: "tailnet", tellsTimes: true }),
  ({ events, url }): Place => ({ body: { destinationType: "axiom", url, token: secret }, found: () => events })
)

const endpoint = Effect.map(startEndpoint({ hmac: secret }), ({ records, url }): Place => ({
  body: { destinationType: "http", url, token: secret, authScheme: "hmac", compressionFormat: "zstd" },
  found: () => records
}))

const records = (from: number, to: number) => range(from, to).map((index) => flowRecord(index))

const arrived = (place: Place, count: number) =>
  eventually(Effect.sync(() => new Set(nodeIds(place.found())).size), {
    what: `${count} records`,
    seconds: 60,
    holds: (seen) => seen >= count
  })

const withNames = Effect.provide(NodeHttpClient.layerNodeHttp)

describe("each record once", () => {
  it.live.each(Object.entries({ datadog, elastic, axiom, endpoint }))(
    "%s, and its secret nowhere",
    ([, start]) =>
      Effect.gen(function*() {
        const place = yield* start
        const site = yield* receiverSite({ name: "siem", ...place.body })
        yield* site.post(records(0, 1_200))
        yield* arrived(place, 1_200)
        yield* site.post(records(1_200, 1_210))
        yield* arrived(place, 1_210)
        assert.deepStrictEqual(nodeIds(place.found()), idsOf(range(0, 1_210)))
        assert.notInclude(yield* site.status, secret)
        assert.notInclude(yield* site.test, secret)
      }).pipe(Effect.scoped, withNames),
    120_000
  )
})

it.live(
  "Elastic, with kill -9 and lost answers in the middle: each record is one document",
  () =>
    Effect.gen(function*() {
      const emulator = yield* startElastic({ stream: "tailscale", credential: `ApiKey ${secret}` })
      const { documents, faults, requests } = emulator
      const place = { found: () => documents.values() }
      const site = yield* receiverSite({ name: "es", destinationType: "elastic", url: emulator.url, token: secret })
      for (const round of range(0, 3)) {
        yield* site.post(records(round * 700, round * 700 + 500))
        yield* eventually(Effect.sync(() => documents.size), {
          what: "some of a round",
          seconds: 60,
          holds: (seen) => seen > round * 700
        })
        faults.push("cut")
        yield* site.post(records(round * 700 + 500, (round + 1) * 700))
        yield* site.killAndStart
      }
      yield* eventually(Effect.sync(() => documents.size), { what: "all", seconds: 60, holds: (seen) => seen >= 2_100 })
      yield* Effect.sleep("2 seconds")
      assert.deepStrictEqual(nodeIds(place.found()), idsOf(range(0, 2_100)))
      const statuses = new Set(requests.flat().map(({ status }) => status))
      assert.isTrue([...statuses].every((status) => status === 201 || status === 409))
    }).pipe(Effect.scoped, withNames),
  240_000
)
