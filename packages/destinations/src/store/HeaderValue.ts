/** Metadata travels in headers: what is not printable ASCII is percent-encoded as UTF-8. */
export const headerValue = (value: string): string => value.toWellFormed().replace(/[^\x20-\x7e]/gu, encodeURIComponent)
