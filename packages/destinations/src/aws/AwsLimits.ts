/** The bounds of what is asked of STS, and when a role's session is renewed. */
import { Duration } from "effect"

/** The shortest maximum that a role can have, and the longest that role chaining allows. */
export const sessionDuration = Duration.hours(1)

/** Every request to STS gets this long. */
export const stsTimeout = Duration.seconds(10)

/** A failure is shared for this long by everybody who needs the same role: a lane each, they would all ask at once. */
export const sharedFailure = Duration.seconds(5)

/** A renewal that failed is tried again after this, while the session is still good. */
export const renewalPause = Duration.seconds(30)

/** Sessions that nobody uses are kept for this long: a window is sent each minute, often more. */
export const idleSession = Duration.minutes(10)

/** A session that was refused is not to blame when it is younger than this: another one would fare no better. */
export const blamelessAge = Duration.minutes(1)

/**
 * Milliseconds before its end from which on a session is renewed: between 5 and 10 minutes of an hour, by `random` (0
 * to 1), so that sessions which began together are not renewed together.
 */
export const renewalLead = (lifeMillis: number, random: number): number => lifeMillis * (1 + random) / 12

/** Milliseconds before its end from which on a session is not used any more: a minute of an hour. */
export const usableLead = (lifeMillis: number): number => lifeMillis / 60
