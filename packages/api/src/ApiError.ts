/**
 * Everything that the API answers besides a result: one class for each status, each body exactly `{"message": …}`, as
 * Tailscale's clients expect (an error body that is not JSON makes them lose the status). Not for refusals inside the
 * domain: handlers translate those.
 */
import { Schema } from "effect"

const body = { message: Schema.String }

/** A field, query parameter or the body itself is wrong; the message names it and says what would be right. */
export class BadRequest extends Schema.Error<BadRequest>("BadRequest")(body, { httpApiStatus: 400 }) {}

/** No key, an unknown key, an expired or a revoked one. */
export class Unauthorized extends Schema.Error<Unauthorized>("Unauthorized")(body, { httpApiStatus: 401 }) {}

/** The user's role does not allow it, or the tailnet's plan does not include it. */
export class AccessDenied extends Schema.Error<AccessDenied>("AccessDenied")(body, { httpApiStatus: 403 }) {}

/** It does not exist, or may not be seen. */
export class Missing extends Schema.Error<Missing>("Missing")(body, { httpApiStatus: 404 }) {}

/** The path exists, but not with this method. */
export class MethodNotAllowed extends Schema.Error<MethodNotAllowed>("MethodNotAllowed")(body, {
  httpApiStatus: 405
}) {}

/** The present state does not allow it. */
export class StateConflict extends Schema.Error<StateConflict>("StateConflict")(body, { httpApiStatus: 409 }) {}

/** The body is over the limit. */
export class BodyTooLarge extends Schema.Error<BodyTooLarge>("BodyTooLarge")(body, { httpApiStatus: 413 }) {}

/** The body is not JSON by its `Content-Type`. */
export class UnsupportedMedia extends Schema.Error<UnsupportedMedia>("UnsupportedMedia")(body, {
  httpApiStatus: 415
}) {}

/** What was asked for is understood, and the answer is no; the message is the reason. */
export class Unprocessable extends Schema.Error<Unprocessable>("Unprocessable")(body, { httpApiStatus: 422 }) {}

/** Too many refused credentials from one address. */
export class TooManyFailures extends Schema.Error<TooManyFailures>("TooManyFailures")(body, { httpApiStatus: 429 }) {}

/** A bug, or something that nobody foresaw; its cause is in the server's log, never in the answer. */
export class InternalFailure extends Schema.Error<InternalFailure>("InternalFailure")(body, { httpApiStatus: 500 }) {}

/** The operator of this installation has not set it up; the message says what is missing. */
export class NotSetUp extends Schema.Error<NotSetUp>("NotSetUp")(body, { httpApiStatus: 501 }) {}

/** Another service that had to be asked gave no usable answer. */
export class BadGateway extends Schema.Error<BadGateway>("BadGateway")(body, { httpApiStatus: 502 }) {}

/** The log cannot be reached or has no space left; trying again later may help. */
export class Unavailable extends Schema.Error<Unavailable>("Unavailable")(body, { httpApiStatus: 503 }) {}

/** The answer did not come in time; what was asked for may still happen. */
export class TookTooLong extends Schema.Error<TookTooLong>("TookTooLong")(body, { httpApiStatus: 504 }) {}

/** Every error of the API: any endpoint may answer any of them. */
export const ApiError = [
  BadRequest,
  Unauthorized,
  AccessDenied,
  Missing,
  MethodNotAllowed,
  StateConflict,
  BodyTooLarge,
  UnsupportedMedia,
  Unprocessable,
  TooManyFailures,
  InternalFailure,
  NotSetUp,
  BadGateway,
  Unavailable,
  TookTooLong
] as const
export type ApiError = InstanceType<(typeof ApiError)[number]>
