/** Events of one leg, as tests of the ledger need them. */
import { DestinationId, type LegEvent } from "@tailrace/domain"

export const destination = DestinationId.make("dst_a")
export const failed = (attempt: number, retryAt = 0): LegEvent => ({
  _tag: "AttemptFailed",
  destination,
  status: 500,
  message: "broken",
  attempt,
  retryAt,
  at: attempt
})
export const delivered = (more: object = {}): LegEvent => ({
  _tag: "BatchDelivered",
  destination,
  seal: "s1",
  from: 0,
  to: 10,
  count: 10,
  key: "k",
  bytes: 100,
  contentBytes: 1000,
  quarantined: 0,
  attempts: 1,
  configVersion: 1,
  at: 100,
  ...more
})
export const sent = (more: object = {}): LegEvent => ({
  _tag: "RecordsDelivered",
  destination,
  from: 0,
  to: 12,
  count: 10,
  quarantined: 2,
  requests: 3,
  failed: 1,
  bytes: 100,
  contentBytes: 1000,
  largest: 60,
  configVersion: 1,
  at: 100,
  ...more
})
export const adopted = (configVersion: number): LegEvent => ({
  _tag: "ConfigAdopted",
  destination,
  configVersion,
  at: 0
})
export const closed: LegEvent = { _tag: "LegClosed", destination, cursor: 10, at: 0 }
export const sealed = (configVersion: number, id = "s1"): LegEvent => ({
  _tag: "BatchSealed",
  destination,
  at: 50,
  seal: {
    id,
    from: 0,
    to: 10,
    count: 10,
    contentSha256: "",
    contentBytes: 1,
    skipped: [],
    key: "k",
    target: "t",
    codec: "zstd",
    configVersion
  }
})
