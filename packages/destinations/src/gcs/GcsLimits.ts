/** What Cloud Storage's documents fix, and this destination relies on. */
import { Duration } from "effect"

export const googleUrl = "https://storage.googleapis.com"

/** Reading and writing of objects, nothing else. https://cloud.google.com/storage/docs/oauth-scopes */
export const defaultScope = "https://www.googleapis.com/auth/devstorage.read_write"

/** https://cloud.google.com/storage/docs/buckets#naming */
export const bucketName = /^[a-z0-9](?:[a-z0-9._-]{0,220}[a-z0-9])?$/

/** https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth: an hour at most. */
export const assertionLifetime = Duration.hours(1)

/** What is asked for where a service account is impersonated. */
export const impersonationLifetime = Duration.hours(1)

/** A token is renewed so long before its end; one that lives shortly, when three quarters of its life are over. */
export const renewalMargin = Duration.minutes(5)

/** A token is not kept for longer, whatever its issuer says. */
export const longestLifetime = Duration.hours(12)

/** Tokens that are kept in one process, of so many credentials. */
export const keptTokens = 4_096
