/**
 * Flow records of 600 bytes on average as a busy tailnet makes them: few nodes, many connections, counters that never
 * repeat. Deterministic, so that two runs compress alike.
 */

/** xorshift32: reproducible, and cheap enough not to be what is measured. */
const randomFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

type Random = ReturnType<typeof randomFrom>

const two = (n: number): string => `${n}`.padStart(2, "0")

const address = (of: number): string => `100.${64 + (of % 64)}.${of % 256}.${(of * 7) % 256}`

const nodeId = (of: number): string => `n${(of * 2654435761) % 4294967296}CNTRL`

const counters = (random: Random): string =>
  `"txPkts":${random(900)},"txBytes":${random(900_000)},"rxPkts":${random(900)},"rxBytes":${random(9_000_000)}`

const node = (of: number): string =>
  `{"nodeId":"${nodeId(of)}","name":"host-${of}.example.ts.net","addresses":["${address(of)}"],"os":"linux",`
  + `"user":"user${of % 80}@example.com"}`

const connection = (random: Random, from: number, to: number): string =>
  `{"proto":6,"src":"${address(from)}:${32_768 + random(28_000)}","dst":"${address(to)}:443",${counters(random)}}`

const usualFirst = Date.UTC(2026, 10, 22)

/** 200 records a second. */
const clockFrom = (firstMillis: number) => {
  const day = new Date(firstMillis).toISOString().slice(0, 10)
  const first = Math.floor((firstMillis % 86_400_000) / 1_000)
  return (n: number): string => {
    const second = first + Math.floor(n / 200)
    return `${day}T${two(Math.floor(second / 3600) % 24)}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`
  }
}

/** One in five has a second connection. */
const traffic = (random: Random, from: number, to: number): string => {
  const first = connection(random, from, to)
  return random(5) === 0 ? `${first},${connection(random, from, to)}` : first
}

/** Makes record number 0, 1, 2 … in the S3 export form; `inside` leaves `logged` out. */
export const flowRecords = (
  form: "exported" | "inside" = "exported",
  firstMillis: number = usualFirst
): () => string => {
  const random = randomFrom(2463534242)
  const clockOf = clockFrom(firstMillis)
  let n = 0
  return () => {
    const [from, to] = [random(500), random(500)]
    const clock = clockOf(n++)
    const nanos = `${random(1_000_000_000)}`.padStart(9, "0")
    const logged = form === "exported" ? `"logged":"${clock}.${nanos}Z",` : ""
    return `{${logged}"nodeId":"${nodeId(from)}","start":"${clock}.${nanos}Z","end":"${clock}.999${nanos.slice(3)}Z",`
      + `"srcNode":${node(from)},"virtualTraffic":[${traffic(random, from, to)}],`
      + `"physicalTraffic":[{"src":"${address(to)}:0","dst":"203.0.${random(113)}.${random(256)}:41641",${
        counters(random)
      }}]}`
  }
}
