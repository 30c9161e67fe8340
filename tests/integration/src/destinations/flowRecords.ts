/** Flow records as ingest writes them, logged just now. */

const timeOf = (index: number, agoMillis: number) =>
  new Date(Date.now() - agoMillis).toISOString().replace("Z", `${String(index % 1_000_000).padStart(6, "0")}Z`)

export interface FlowRecordForm {
  /** Further members, as JSON text. */
  readonly more?: string
  readonly agoMillis?: number
}

/** `nodeId` is `n<index>CNTRL`, and no two have one time. */
export const flowRecord = (index: number, { agoMillis = 60_000, more = "" }: FlowRecordForm = {}): string => {
  const time = timeOf(index, agoMillis + 10 * index)
  const traffic = `[{"proto":6,"src":"100.64.0.1:1000","dst":"100.64.0.2:443","txPkts":${index},"txBytes":9}]`
  const front = `{"logged":"${time}","nodeId":"n${index}CNTRL","start":"${time}","end":"${time}"`
  return `${front},"virtualTraffic":${traffic}${more === "" ? "" : `,${more}`}}`
}

export const flowRecords = (count: number, form: FlowRecordForm = {}): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => flowRecord(index, form))

/** In any order. */
export const nodeIds = (items: Iterable<Readonly<Record<string, unknown>>>): ReadonlyArray<string> =>
  [...items].map(({ nodeId }) => String(nodeId)).sort()

export const idsOf = (indexes: Iterable<number>): ReadonlyArray<string> => [...indexes].map((n) => `n${n}CNTRL`).sort()

export const range = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from }, (_, index) => from + index)
