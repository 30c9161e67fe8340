/** Records as Tailscale writes them, each a function of its id alone, so that it can be known again in the log. */

const addresses = (n: number): string =>
  `"100.64.${(n >> 8) & 255}.${n & 255}","fd7a:115c:a1e0::${(n & 65_535).toString(16)}"`

/** A flow record of some 600 bytes, without `logged`. */
export const flowRecord = (id: string, n: number): string =>
  `{"nodeId":"${id}","start":"2026-06-03T15:32:54.272130712Z","end":"2026-06-03T15:32:59.27411903Z",` +
  `"srcNode":{"nodeId":"n${n % 97}CNTRL","name":"gateway-${n % 97}.example.ts.net","addresses":[${
    addresses(n % 97)
  }],` +
  `"tags":["tag:networking"]},"dstNodes":[{"nodeId":"n${n % 89}CNTRL","name":"peer-${n % 89}.example.ts.net",` +
  `"addresses":[${addresses(n % 89)}],"os":"linux","tags":["tag:server"]}],` +
  `"virtualTraffic":[{"proto":6,"src":"100.64.0.1:${n % 65_536}","dst":"100.64.0.2:443","txPkts":${n % 1013},` +
  `"txBytes":${
    n * 1_000 + 7
  }}],"physicalTraffic":[{"src":"100.64.0.4:0","dst":"192.0.2.40:8","txPkts":1,"txBytes":32}]}`

/** An audit record of some 400 bytes, without `logged`. */
export const auditRecord = (id: string, n: number): string =>
  `{"eventTime":"2026-06-03T15:34:47.809040387Z","eventGroupID":"${id}","origin":"CONFIG_API",` +
  `"actor":{"id":"u${n % 31}CNTRL","type":"USER","loginName":"user-${n % 31}@example.com","displayName":"User ${
    n % 31
  }"},` +
  `"target":{"id":"n${n % 97}CNTRL","name":"gateway-${n % 97}.example.ts.net","type":"NODE","property":"ATTRIBUTES"},` +
  `"action":"UPDATE","old":{"tags":["tag:a${n % 7}"]},"new":{"tags":["tag:b${n % 7}"]}}`

const loggedAt = "{\"logged\":\"2026-06-03T15:35:00.000000001Z\","

/** In the S3 export form, which is taken byte for byte. */
export const exported = (record: string): string => loggedAt + record.slice(1)

const idPattern = /"(?:nodeId|eventGroupID)":"(p-[^"]+)"/

/** The id within a stored value; undefined: a record that somebody else made. */
export const idOf = (value: string): string | undefined => idPattern.exec(value)?.[1]
