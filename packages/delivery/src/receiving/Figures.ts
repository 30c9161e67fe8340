/** What came of a leg's requests since its cursor was last committed. Pure. */

export interface Figures {
  /** Requests that were answered, and those of them of which something was not taken. */
  readonly requests: number
  readonly failed: number
  /** Sizes of all bodies of which something was taken, as sent and before compression; of the largest, as sent. */
  readonly bytes: number
  readonly contentBytes: number
  readonly largest: number
}

export const noFigures: Figures = { requests: 0, failed: 0, bytes: 0, contentBytes: 0, largest: 0 }

/** Of one body. */
export interface Sizes {
  readonly bytes: number
  readonly contentBytes: number
}

/** One more answer. */
export const withAnswer = (
  figures: Figures,
  { bytes, contentBytes }: Sizes,
  answer: { readonly failed: boolean; readonly tookSome: boolean }
): Figures => {
  const counted = {
    ...figures,
    requests: figures.requests + 1,
    failed: figures.failed + (answer.failed ? 1 : 0)
  }
  if (!answer.tookSome) return counted
  return {
    ...counted,
    bytes: figures.bytes + bytes,
    contentBytes: figures.contentBytes + contentBytes,
    largest: Math.max(figures.largest, bytes)
  }
}
