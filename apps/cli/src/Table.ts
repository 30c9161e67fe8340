/** Plain text tables for a terminal: columns as wide as their widest cell, the header dimmed. Pure. */

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
}

/** SGR codes by meaning; none when colours are off. */
export interface Paint {
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
}

const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`

export const colours: Paint = { dim: sgr(2), good: sgr(32), bad: sgr(31) }
const asIs = (text: string) => text
export const noColours: Paint = { dim: asIs, good: asIs, bad: asIs }

const good = new Set(["streaming", "ok", "yes", "active"])
const bad = new Set(["suspended", "failed", "no", "revoked", "expired", "error"])

const painted = (paint: Paint, cell: string, padded: string): string => {
  if (good.has(cell)) return paint.good(padded)
  return bad.has(cell) ? paint.bad(padded) : padded
}

/** Text from a server could move the cursor or recolour the terminal; control characters are shown instead. */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`)

/** Lines of a table, without a trailing newline. */
export const table = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
  paint: Paint
): ReadonlyArray<string> => {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))))
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0))
  )
  const line = (texts: ReadonlyArray<string>, style: (text: string, padded: string) => string) =>
    texts.map((text, index) => style(text, text.padEnd(widths[index] ?? 0))).join("  ").trimEnd()
  return [
    line(columns.map(({ title }) => title.toUpperCase()), (_, padded) => paint.dim(padded)),
    ...cells.map((row) => line(row, (text, padded) => painted(paint, text, padded)))
  ]
}

/** One thing as `name  value` lines. */
export const sheet = (fields: ReadonlyArray<readonly [name: string, value: string]>, paint: Paint) => {
  const width = Math.max(0, ...fields.map(([name]) => name.length))
  return fields.map(([name, value]) => `${paint.dim(name.padEnd(width))}  ${painted(paint, value, printable(value))}`)
}
