/** Requests that are wrong in one way each, and the exact answer to each. */
import type { Ask } from "../app/Ask.ts"
import { auditRecord, exported, flowRecord } from "../kill/SampleRecord.ts"

const MiB = 1_048_576
export const secret = "the-secret-access-key-of-the-bucket"
const right = {
  destinationType: "s3",
  url: "https://s3.example.com",
  s3Bucket: "tailnet-logs",
  s3AccessKeyId: "AKIAEXAMPLE",
  s3SecretAccessKey: secret
}

const bearer = (key: string) => `Bearer ${key}`
const audit = exported(auditRecord("e1", 1))
const flow = exported(flowRecord("n1", 1))
const largeAudit = audit.replace("\"UPDATE\"", `"UPDATE","actionDetails":"${"x".repeat(MiB)}"`)
const hecEvent = (record: string) => `{"event":${record}}`

/** Credentials that the process gave out, for those who may less than an Owner. */
export interface Given {
  readonly auditor: string
  readonly token: string
  readonly starterOwner: string
}

export interface Case {
  readonly what: string
  readonly sent: (given: Given) => Ask
  readonly status: number
  readonly body: unknown
}

const stream = "/api/v2/tailnet/-/logging/configuration/stream"
const records = (type: string, tailnet = "-") => `/api/v2/tailnet/${tailnet}/logging/${type}/records`

const put = (change: object, path = stream): Ask => ({
  method: "PUT",
  path,
  body: JSON.stringify({ ...right, ...change })
})
const post = (path: string, body: string, authorization?: string): Ask => ({
  method: "POST",
  path,
  body,
  contentType: "application/x-ndjson",
  ...(authorization === undefined ? {} : { authorization })
})
const hec = (body: string, authorization: string): Ask => post("/services/collector/event", body, authorization)

const message = (text: string) => ({ message: text })
const period = message("uploadPeriodMinutes must be a whole number from 1 to 1440 (0 or absent: 1 minute)")
const noBucket = message("s3Bucket is required and must not be empty")
const noEndpoint = message(
  "url is refused: 169.254.169.254 is a link-local or cloud metadata address, " +
    "and not in a range that the operator allows"
)
const noRecord = message(
  "line 1: a flow record needs nodeId, start and end, an audit record needs action, actor and target"
)
const noToken = { text: "Invalid token", code: 4 }

export const ofTheApi: ReadonlyArray<Case> = [
  {
    what: "API: malformed JSON",
    sent: () => ({ ...put({}), body: "{\"url\":" }),
    status: 400,
    body: message("the body must be valid JSON")
  },
  {
    what: "API: a wrong type",
    sent: () => put({ s3Bucket: 5 }),
    status: 400,
    body: message("s3Bucket must be a text of at most 2048 characters")
  },
  {
    what: "API: an unknown field",
    sent: () => put({ s3Buckets: "x" }),
    status: 400,
    body: message("s3Buckets is not a known field")
  },
  { what: "API: an empty bucket", sent: () => put({ s3Bucket: "" }), status: 400, body: noBucket },
  { what: "API: period -1", sent: () => put({ uploadPeriodMinutes: -1 }), status: 400, body: period },
  { what: "API: period 1.5", sent: () => put({ uploadPeriodMinutes: 1.5 }), status: 400, body: period },
  { what: "API: period 1441", sent: () => put({ uploadPeriodMinutes: 1441 }), status: 400, body: period },
  {
    what: "API: an unknown compression",
    sent: () => put({ compressionFormat: "lz4" }),
    status: 400,
    body: message("compressionFormat must be one of none, zstd, gzip")
  },
  {
    what: "API: an endpoint on a private network",
    sent: () => put({ url: "https://169.254.169.254" }),
    status: 400,
    body: noEndpoint
  },
  {
    what: "API: an unknown tailnet",
    sent: () => put({}, stream.replace("/-/", "/other.com/")),
    status: 404,
    body: message("tailnet other.com not found")
  },
  {
    what: "API: a wrong key",
    sent: () => ({ ...put({}), authorization: bearer("tskey-api-wrong") }),
    status: 401,
    body: message("API token invalid")
  },
  {
    what: "API: a role that may not",
    sent: ({ auditor }) => ({ ...put({}), authorization: bearer(auditor) }),
    status: 403,
    body: message("the role auditor may not do this: it takes destinations:write")
  },
  {
    what: "API: a plan that does not include it",
    sent: ({ starterOwner }) => ({
      ...put({}, stream.replace("configuration", "network")),
      authorization: bearer(starterOwner)
    }),
    status: 403,
    body: message("the plan starter does not include streaming of network logs")
  },
  {
    what: "API: an ingest token as API key",
    sent: ({ token }) => ({ ...put({}), authorization: bearer(token) }),
    status: 401,
    body: message("API token invalid")
  },
  {
    what: "API: a body too large",
    sent: () => put({ user: "x".repeat(MiB) }),
    status: 413,
    body: message("the body is larger than 262144 bytes")
  },
  {
    what: "API: an unknown path",
    sent: () => ({ method: "GET", path: "/api/v2/nothing" }),
    status: 404,
    body: message("not found")
  }
]

export const ofIngest: ReadonlyArray<Case> = [
  {
    what: "NDJSON: malformed JSON",
    sent: () => post(records("configuration"), `${audit}\n{"action":`),
    status: 400,
    body: message("line 2: not a JSON object")
  },
  { what: "NDJSON: no record", sent: () => post(records("configuration"), "{\"a\":1}"), status: 400, body: noRecord },
  {
    what: "NDJSON: a record of the other type",
    sent: () => post(records("configuration"), flow),
    status: 400,
    body: message("line 1: this is a network record; an audit record needs action, actor and target")
  },
  {
    what: "NDJSON: an unknown type",
    sent: () => post(records("dns"), audit),
    status: 404,
    body: message("the log type is configuration or network")
  },
  {
    what: "NDJSON: an unknown tailnet",
    sent: () => post(records("configuration", "other.com"), audit),
    status: 404,
    body: message("tailnet other.com not found")
  },
  {
    what: "NDJSON: a wrong key",
    sent: () => post(records("configuration"), audit, bearer("tskey-api-wrong")),
    status: 401,
    body: message("API key or ingest token invalid")
  },
  {
    what: "NDJSON: a role that may not",
    sent: ({ auditor }) => post(records("configuration"), audit, bearer(auditor)),
    status: 403,
    body: message("the role auditor may not post records")
  },
  {
    what: "NDJSON: flow logs off",
    sent: () => post(records("network"), flow),
    status: 403,
    body: message("network flow logs of example.com are switched off")
  },
  {
    what: "NDJSON: a record too large",
    sent: () => post(records("configuration"), `${audit}\n${largeAudit}\n`),
    status: 400,
    body: message("line 2: a record is at most 1048576 bytes")
  },
  {
    what: "NDJSON: a body too large",
    sent: () => post(records("configuration"), " ".repeat(33 * MiB)),
    status: 413,
    body: message("a body is at most 33554432 bytes, uncompressed")
  },
  {
    what: "HEC: malformed JSON",
    sent: ({ token }) => hec("{\"event\":", `Splunk ${token}`),
    status: 400,
    body: { text: "Invalid data format", code: 6, "invalid-event-number": 0 }
  },
  { what: "HEC: a wrong token", sent: () => hec(hecEvent(audit), "Splunk wrong"), status: 403, body: noToken },
  {
    what: "HEC: flow logs off",
    sent: ({ token }) => hec(hecEvent(audit) + hecEvent(flow), `Splunk ${token}`),
    status: 403,
    body: { text: "Incorrect index: network flow logs of example.com are switched off", code: 7 }
  },
  {
    what: "HEC: a record too large",
    sent: ({ token }) => hec(hecEvent(largeAudit), `Splunk ${token}`),
    status: 400,
    body: { text: "Invalid data format: a record is at most 1048576 bytes", code: 6, "invalid-event-number": 0 }
  }
]
