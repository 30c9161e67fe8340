/** One folder per kind of destination, and the guard that outgoing connections pass. */
export {}
