/**
 * What a thousand seeds must have met, or they prove nothing: every fault that the design names for the log, object
 * stores and receivers, a crash at each step of the delivery rules, and every state of a leg.
 */

const calls = ["append", "bounds", "claim", "commit", "follow", "recognizes", "secret"]
const losses = ["answered late", "request lost", "answer lost"]

const crashes = [
  "before claim",
  "after claim",
  "before commit LaneClaimed",
  "after commit LaneClaimed",
  "before commit AuditProjected",
  "after commit AuditProjected",
  "before commit BatchSealed",
  "after commit BatchSealed",
  "before put",
  "after put",
  "before inspect",
  "before commit BatchDelivered",
  "after commit BatchDelivered",
  "before commit AttemptFailed",
  "before commit positions",
  "after commit positions",
  "before compress",
  "after pull audit",
  "after pull flow",
  "after pull control",
  "after pull ledger",
  "after pull positions"
]

const ownership = [
  "two owners at once",
  "commit of a zombie",
  "PUT by a zombie",
  "claims in ping-pong",
  "lane kept across a rebalance",
  "lane taken with a window open",
  "process frozen",
  "lease expires and comes back",
  "commit lands late",
  "commit took effect after it was given up",
  "commit arrived after a later claim",
  "graceful stop"
]

const stores = [
  "412 for our own object",
  "412 for another's object",
  "foreign object under our key",
  "HEAD forbidden",
  "HEAD forbidden all of a sudden",
  "HEAD late",
  "HEAD lost",
  "conditional PUT ignored",
  "metadata not shown",
  "403",
  "404, bucket gone",
  "bucket gone and back",
  "409",
  "429 with Retry-After",
  "500",
  "SlowDown",
  "PUT answer lost after storing",
  "PUT answered late",
  "PUT interrupted",
  "PUT landed after abandonment",
  "PUT lands late",
  "PUT request lost",
  "one bucket fails all the time"
]

const receivers = [
  "request answered late",
  "request to a receiver lost",
  "request lands late",
  "request interrupted",
  "request by a zombie",
  "answer lost after taking",
  "500 of a receiver",
  "429 of a receiver with Retry-After",
  "413 out of the blue",
  "413 over a hidden limit",
  "accepted, asks for less",
  "several requests under way",
  ...["hec", "bulk"].flatMap((style) =>
    ["the first", "a middle", "the last"].map((place) => `${style} refuses ${place} record`)
  ),
  "mixed _bulk answer",
  "items again",
  "items again after a pause",
  "poison record of maximum size",
  "record too large for a receiver",
  "record too old for a receiver",
  "receiver answers 401",
  "receiver answers 403",
  "receiver refuses everything",
  "refusals beyond the limit",
  "probe fails",
  "probe late",
  "probe lost",
  "probe works, records are refused",
  "receiver: outage",
  "receiver: silence",
  "receiver: slow",
  "store replaced by a receiver",
  "receiver replaced by a store",
  "retention overtakes a receiver's cursor",
  "one index fails all the time",
  ...["before send", "after send", "before commit RecordsDelivered", "after commit RecordsDelivered"]
    .flatMap((step) => [`crash ${step}`, `lane taken ${step}`]),
  ...["target changed", "codec changed", "credentials changed", "destination paused", "destination replaced"]
    .map((change) => `${change} with requests under way`),
  "destination deleted with requests under way"
]

const changes = [
  "target changed with an open seal",
  "prefix changed with an open seal",
  "codec changed with an open seal",
  "credentials changed with an open seal",
  "destination paused with an open seal",
  "destination replaced with an open seal",
  "destination deleted with an open seal",
  "command sent twice",
  "two writers at once",
  "unknown event type in control",
  "control follower lags"
]

const logs = [
  "retention overtakes a cursor",
  "retention overtakes a seal",
  "retention overtakes a quiet leg",
  "topic truncated",
  "topic made anew",
  "topic grown again",
  "break that positions tell",
  "retention of the ledger",
  "marker-only tail",
  "foreign transaction hangs",
  "log full",
  "same-second seals on two lanes",
  "clock jumps a day",
  "appends around a destination's creation",
  "key on a foreign lane",
  "malformed record",
  "new validator between seal and resend",
  "record without a key",
  "record of an unknown tailnet",
  "spool: content lost",
  "spool: no space"
]

const states = ["starting", "streaming", "catchingUp", "backingOff", "suspended", "paused", "closing", "draining"]

/** Names in the count of a run. */
export const required: ReadonlyArray<string> = [
  ...calls.flatMap((call) => losses.map((loss) => `fault: ${call} ${loss}`)),
  ...crashes.map((step) => `fault: crash ${step}`),
  ...[...ownership, ...stores, ...receivers, ...changes, ...logs].map((fault) => `fault: ${fault}`),
  ...states.map((state) => `state: ${state}`)
]
