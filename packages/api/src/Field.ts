/**
 * Fields of request bodies. Official clients send every field they know, so `null`, an empty text and an empty list
 * mean the same as absence; what is wrong is said in a sentence that follows the field's name. Not for answers.
 */
import { LogType } from "@tailrace/domain"
import { Schema } from "effect"

/** A schema with the sentence that is said of any value that it does not take. */
export interface Field<S extends Schema.Top> {
  readonly schema: S
  readonly message: string
  /** What the field means, for people. */
  readonly description?: string
}

/** Says the sentence for a value of another type; checks of the schema have to say it themselves. */
export const field = <S extends Schema.Top>(schema: S, message: string): Field<S["Rebuild"]> => ({
  schema: schema.annotate({ message }),
  message
})

/** Must be there. */
export const required = <S extends Schema.Top>({ description, schema }: Field<S>): S["Rebuild"] =>
  schema.annotate(description === undefined ? {} : { description })

/** May be absent or null. */
export const optional = <S extends Schema.Top>({ description, message, schema }: Field<S>) =>
  Schema.optionalKey(
    Schema.NullOr(schema).annotate({ message, ...(description === undefined ? {} : { description }) })
  )

/** Says what the field means. */
export const said = <S extends Schema.Top>(description: string, of: Field<S>): Field<S> => ({
  ...of,
  description: of.description === undefined ? description : `${description} ${of.description}`
})

/** Longest text that a field takes where nothing shorter is said, in characters. */
export const maxTextLength = 2048

/** A text of so many characters. */
export const text = (maximum = maxTextLength, minimum = 0) => {
  const message = `must be a text of ${minimum === 0 ? "at most" : `${minimum} to`} ${maximum} characters`
  const checks = [Schema.isMinLength(minimum, { message }), Schema.isMaxLength(maximum, { message })] as const
  return { message, schema: Schema.String.annotate({ message }).check(...checks) }
}

/** A text that no answer ever holds. */
export const secret = (maximum = maxTextLength) => {
  const { message, schema } = text(maximum)
  return { message, schema: schema.annotate({ message, format: "password" }), description: "Write only." }
}

/** One of a few words; empty means absent. */
export const word = <const Words extends ReadonlyArray<string>>(...words: Words) =>
  field(Schema.Literals([...words, ""]), `must be one of ${words.join(", ")}`)

/** A whole number in a range. */
export const whole = (minimum: number, maximum: number, sentence?: string) => {
  const message = sentence ?? `must be a whole number from ${minimum} to ${maximum}`
  const checks = [Schema.isInt({ message }), Schema.isBetween({ minimum, maximum }, { message })] as const
  return { message, schema: Schema.Finite.annotate({ message }).check(...checks) }
}

/** `true` or `false`. */
export const flag = field(Schema.Boolean, "must be true or false")

/** Path parameters of a tailnet: its name, its id (`T…CNTRL`), or `-` for that of the credential. */
export const tailnetPath = {
  tailnet: Schema.String.annotate({
    description: "Name or id of a tailnet; `-` is the tailnet of the credential."
  })
}

/** Path parameters of one kind of log of a tailnet. Another word is answered with 404. */
export const logPath = { ...tailnetPath, logType: LogType }
