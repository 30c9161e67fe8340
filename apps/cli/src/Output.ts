/**
 * What a command prints. On a terminal: tables and colours (unless `NO_COLOR`); otherwise, or with `--json`: the
 * server's own JSON, so that a pipe gets everything. Errors and progress go to stderr.
 */
import { Console, Context, Effect, Layer, Option, Stdio } from "effect"
import { TerminalCapabilities } from "effect/cli"
import { colours, type Column, noColours, type Paint, sheet, table } from "./Table.ts"

export class Output extends Context.Service<Output, {
  /** True when a person is watching. */
  readonly forPeople: boolean
  readonly paint: Paint
  /** A list: a table, or a JSON array. `empty` is said to a person when there are no rows. */
  list<Row>(rows: ReadonlyArray<Row>, columns: ReadonlyArray<Column<Row>>, empty: string): Effect.Effect<void>
  /** One thing: its fields, or a JSON object. */
  item(value: unknown, fields: ReadonlyArray<readonly [name: string, value: string]>): Effect.Effect<void>
  /** Something was done: a sentence, or a JSON object. */
  done(sentence: string, value: unknown): Effect.Effect<void>
}>()("@tailrace/cli/Output") {
  /** `json`: what the flag says; absent, stdout decides. */
  static readonly layer = (json: Option.Option<boolean>) =>
    Layer.effect(
      Output,
      Effect.gen(function*() {
        const watched = yield* (yield* Stdio.Stdio).stdoutIsTerminal
        const { canColor } = yield* TerminalCapabilities.TerminalCapabilities
        return make(!Option.getOrElse(json, () => !watched), canColor)
      })
    )
}

const printJson = (value: unknown): Effect.Effect<void> => Console.log(JSON.stringify(value, undefined, 2))

const make = (forPeople: boolean, canColor: boolean): Output["Service"] => {
  const paint = canColor ? colours : noColours
  const print = (lines: ReadonlyArray<string>) => Console.log(lines.join("\n"))
  return {
    forPeople,
    paint,
    list: (rows, columns, empty) => {
      if (!forPeople) return printJson(rows)
      return rows.length === 0 ? Console.log(empty) : print(table(columns, rows, paint))
    },
    item: (value, fields) => forPeople ? print(sheet(fields, paint)) : printJson(value),
    done: (sentence, value) => forPeople ? Console.log(sentence) : printJson(value)
  }
}
