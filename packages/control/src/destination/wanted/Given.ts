/** Fields of bodies: official clients send every field they know, so an empty text and null mean absence. Pure. */
import type { BadRequest } from "@tailrace/api"
import { Redacted, Result } from "effect"
import { wrong } from "../../command/ApiAnswer.ts"
import type { GivenSecret } from "./WantedType.ts"

/** Empty means absent. */
export const given = <A extends string>(value: A | null | undefined): Exclude<A, ""> | undefined =>
  isGiven(value) ? value : undefined

const isGiven = <A extends string>(value: A | null | undefined): value is Exclude<A, ""> =>
  value !== null && value !== undefined && value !== ""

export const failWith = (field: string, message: string) => Result.fail(wrong(field, message))

export const isRequired = "is required and must not be empty"

export const required = (field: string, value: string | null | undefined): Result.Result<string, BadRequest> => {
  const text = given(value)
  return text === undefined ? failWith(field, isRequired) : Result.succeed(text)
}

const printable = /^[\x20-\x7e]+$/

/** A secret that goes into a header as it is. */
export const headerSecretOf = (value: string | null | undefined): Result.Result<GivenSecret, BadRequest> =>
  given(value) === undefined || printable.test(value ?? "")
    ? Result.succeed(secretOf(value))
    : failWith("token", "must be printable ASCII")

export const secretOf = (value: string | null | undefined): GivenSecret => {
  const text = given(value)
  return text === undefined ? "absent" : Redacted.make(text)
}

/** One of the words that the type takes, or `otherwise` where none is given. */
export const oneOf = <const Word extends string>(
  field: string,
  { given: word, otherwise, words }: {
    readonly given: string | undefined
    readonly words: ReadonlyArray<Word>
    readonly otherwise: Word
  }
): Result.Result<Word, BadRequest> => {
  if (word === undefined) return Result.succeed(otherwise)
  const found = words.find((candidate) => candidate === word)
  return found === undefined ? failWith(field, `must be one of ${words.join(", ")}`) : Result.succeed(found)
}

const controlCharacter = /\p{Cc}/u

/** A prefix of object keys: used as it is, so nothing may stand in it that no key can hold. */
export const keyPrefix = (field: string, value: string | null | undefined): Result.Result<string, BadRequest> => {
  const prefix = given(value) ?? ""
  return prefix.length > 900 || controlCharacter.test(prefix) || prefix.startsWith("/")
    ? failWith(field, "must have at most 900 characters, no control characters, and no / in front")
    : Result.succeed(prefix)
}

/** `user` as a configuration has it: stored and echoed for every type, since official clients send it always. */
export const userOf = (value: string | null | undefined): { readonly user?: string } => {
  const user = given(value)
  return user === undefined ? {} : { user }
}
