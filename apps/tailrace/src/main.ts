/** Everything in one process. */
export {}
