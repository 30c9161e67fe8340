/** Lanes, legs, windows, ledger, retries and replay. */
export {}
