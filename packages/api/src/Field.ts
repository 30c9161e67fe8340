/**
 * Fields of request bodies. Official clients send every field they know, so `null`, an empty text and an empty list mean
 * the same as absence; what is wrong is said in a sentence that follows the field's name. Not for answers.
 */
import { LogType } from "@tailrace/domain"
import { Schema } from "effect"

/** Longest text that any field takes, in characters. */
export const maxTextLength = 2048

/** A text, which may be absent, null or empty. */
export const Text = Schema.String.check(Schema.isMaxLength(maxTextLength)).annotate({
  message: `must be a text of at most ${maxTextLength} characters`
})

/** May be absent or null. */
export const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/** A text that is never read back. */
export const Secret = Text.annotate({
  message: `must be a text of at most ${maxTextLength} characters`,
  format: "password",
  description: "Write only: no answer ever holds it."
})

/** One of a few words; empty means absent. */
export const word = <const Words extends ReadonlyArray<string>>(...words: Words) =>
  Schema.Literals([...words, ""]).annotate({ message: `must be one of ${words.join(", ")}` })

/** A whole number in a range. `note` is added to the sentence. */
export const whole = (minimum: number, maximum: number, note = "") =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum })).annotate({
    message: `must be a whole number from ${minimum} to ${maximum}${note}`
  })

/** `true` or `false`. */
export const Flag = Schema.Boolean.annotate({ message: "must be true or false" })

/** Path parameters of a tailnet: its name, its id (`T…CNTRL`), or `-` for that of the credential. */
export const tailnetPath = {
  tailnet: Schema.String.annotate({
    description: "Name or id of a tailnet; `-` is the tailnet of the credential."
  })
}

/** Path parameters of one kind of log of a tailnet. Another word is answered with 404. */
export const logPath = { ...tailnetPath, logType: LogType }
