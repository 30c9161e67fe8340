/**
 * One setting of a process: its name, its default, what it does, what is right, and how its text is read. The table
 * in the README and the line about a broken setting come from the same declaration. Which settings there are is in
 * `Settings.ts`.
 */
import { Config, Effect, Option, Redacted, Schema } from "effect"
import type { App } from "./App.ts"

/** A setting that cannot be used. The line names the variable, what was given (never a secret), and what is right. */
export class BrokenSetting extends Schema.TaggedError<BrokenSetting>()("BrokenSetting", {
  name: Schema.String,
  /** "absent" has no text; a secret's text is not repeated; "present": any text would be too much. */
  given: Schema.Union([
    Schema.TaggedStruct("Text", { text: Schema.String }),
    Schema.Literals(["secret", "absent", "present"])
  ]),
  right: Schema.String
}) {
  override get message(): string {
    return `${this.name} ${this.fault}; right is ${this.right}`
  }
  private get fault(): string {
    if (this.given === "absent") return "is absent"
    if (this.given === "present") return "is set"
    return `cannot be ${this.given === "secret" ? "what is set (not shown here)" : JSON.stringify(this.given.text)}`
  }
}

export interface Declaration<A> {
  /** Name of the environment variable. */
  readonly name: string
  /** One or two sentences for the table. */
  readonly does: string
  /** What a right value looks like, as the end of "right is …". */
  readonly right: string
  /** Never shown. */
  readonly secret?: boolean
  /** The apps that read it; absent: all of them. `tailrace`, which is all of them in one, reads every setting. */
  readonly of?: ReadonlyArray<App>
  /** None: the text is not right. */
  readonly parse: (text: string) => Option.Option<A>
}

export interface Setting<A> extends Omit<Declaration<A>, "parse"> {
  /** As shown in the table. */
  readonly fallback: string
  /** Reads the present `ConfigProvider`. An empty value counts as absent. */
  readonly value: Effect.Effect<A, BrokenSetting>
}

/** The text that is set; None when absent or empty. */
export const textOf = (name: string): Effect.Effect<Option.Option<string>> =>
  Config.String(name).pipe(
    Config.option,
    Effect.orDie,
    Effect.map(Option.flatMap((text) => text.trim() === "" ? Option.none() : Option.some(text.trim())))
  )

const parsed = <A>(declaration: Declaration<A>, text: string): Effect.Effect<A, BrokenSetting> =>
  Effect.fromOption(declaration.parse(text)).pipe(
    Effect.mapError(() => broken(declaration, text))
  )

const broken = <A>(declaration: Declaration<A>, text: string): BrokenSetting =>
  new BrokenSetting({
    name: declaration.name,
    given: declaration.secret === true ? "secret" : { _tag: "Text", text },
    right: declaration.right
  })

/** A setting that always has a value: `fallback` is read like a given one. */
export const withDefault = <A>(declaration: Declaration<A>, fallback: string): Setting<A> => ({
  ...declaration,
  fallback,
  value: Effect.flatMap(
    textOf(declaration.name),
    (text) => parsed(declaration, Option.getOrElse(text, () => fallback))
  )
})

/** A setting that may be absent; `meaning` says what happens then. */
export const optional = <A>(declaration: Declaration<A>, meaning: string): Setting<Option.Option<A>> => ({
  ...declaration,
  fallback: meaning,
  value: Effect.flatMap(
    textOf(declaration.name),
    Option.match({
      onNone: () => Effect.succeedNone,
      onSome: (text) => Effect.asSome(parsed(declaration, text))
    })
  )
})

/** The value of a setting that may not be absent here; `because` ends the sentence that says so. */
export const needed = <A>(setting: Setting<Option.Option<A>>, because: string): Effect.Effect<A, BrokenSetting> =>
  Effect.flatMap(
    setting.value,
    Option.match({
      onSome: Effect.succeed,
      onNone: () =>
        Effect.fail(
          new BrokenSetting({ name: setting.name, given: "absent", right: `${setting.right}, because ${because}` })
        )
    })
  )

/** A setting as a person may see it. */
export interface Shown {
  readonly name: string
  readonly value: string
  readonly source: "default" | "environment"
}

/** The value in effect, secrets masked. */
export const shown = (setting: Setting<unknown>): Effect.Effect<Shown> =>
  Effect.map(textOf(setting.name), (text) => ({
    name: setting.name,
    value: Option.match(text, {
      onNone: () => setting.fallback,
      onSome: (given) => setting.secret === true ? "(set, not shown)" : given
    }),
    source: Option.isSome(text) ? "environment" as const : "default" as const
  }))

/** Wraps what a parser found, so that it cannot be printed by accident. */
export const redactedIf = (isRight: (text: string) => boolean) => (text: string) =>
  isRight(text) ? Option.some(Redacted.make(text)) : Option.none()
