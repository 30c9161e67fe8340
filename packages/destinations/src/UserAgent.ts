/** How every destination's requests introduce themselves. */
export const userAgent = "Tailrace/0.1"
