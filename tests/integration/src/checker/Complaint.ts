/** What the checker found wrong. An empty list is the proof that the tests ask for. */

export type ComplaintKind =
  /** Records of the log that are in no object. */
  | "missing"
  /** Records that are in more than one place. */
  | "doubled"
  /** Records that stand before one with a lower offset. */
  | "disordered"
  /** Lines of objects that were never appended. */
  | "foreign"
  /** Objects that the ledger does not know of. */
  | "unexplained"
  /** Deliveries of the ledger without their object. */
  | "absent"
  /** Objects whose content is not what their seal says. */
  | "altered"
  /** A ledger whose events contradict each other. */
  | "ledger"
  /** Records that were answered with success, but never appended. */
  | "unkept"
  /** Requests of which a part was appended. */
  | "torn"

export interface Complaint {
  readonly kind: ComplaintKind
  /** The destination and lane, or the object. */
  readonly where: string
  readonly text: string
}

const shownAtMost = 5

/** A few of them, so that a message stays readable. */
export const someOf = (found: ReadonlyArray<number | string>): string =>
  found.slice(0, shownAtMost).join(", ") + (found.length > shownAtMost ? `, … (${found.length} in all)` : "")

/** A complaint about several things, or none if there are none. */
export const about = (
  kind: ComplaintKind,
  where: string,
  found: ReadonlyArray<number | string>
): ReadonlyArray<Complaint> => found.length === 0 ? [] : [{ kind, where, text: someOf(found) }]

export const shown = (complaints: ReadonlyArray<Complaint>): string =>
  complaints.map(({ kind, text, where }) => `${kind} (${where}): ${text}`).join("\n")
