/** Why a command was not carried out: a closed set, each with the sentence that the person is shown. */
import { Schema } from "effect"

/** The tailnet, member, key or destination does not exist (or may not be seen). HTTP 404. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { message: Schema.String }) {}

/** The role does not allow it, or the plan does not include it. HTTP 403. */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", { message: Schema.String }) {}

/** A field is wrong: its name and the message are a sentence, or the message alone if no field is named. HTTP 400. */
export class Invalid extends Schema.TaggedError<Invalid>()("Invalid", {
  field: Schema.String,
  message: Schema.String
}) {}

/** The present state does not allow it: it exists already, or others kept changing the tailnet. HTTP 409. */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", { message: Schema.String }) {}

export type Refusal = NotFound | Forbidden | Invalid | Conflict
